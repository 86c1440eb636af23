"""Rows of the vault: owners of keys, their wrapped keys, and encrypted files."""

from apps.vault.models.files import EncryptedFile
from apps.vault.models.keys import DataKey, KeyOwner

__all__ = ["DataKey", "EncryptedFile", "KeyOwner"]

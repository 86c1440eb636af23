"""Rows of the vault: owners of keys, their wrapped keys, encrypted files, and changes of all keys."""

from apps.vault.models.files import EncryptedFile
from apps.vault.models.keys import DataKey, KeyOwner
from apps.vault.models.rotations import KeyRotation, RotationKind

__all__ = ["DataKey", "EncryptedFile", "KeyOwner", "KeyRotation", "RotationKind"]

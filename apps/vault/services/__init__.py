"""Writes of the vault, called inside an act of a higher app; what only the vault can tell is recorded through ``ports``."""

from apps.vault.services.forgetting import owner_forget
from apps.vault.services.owners import installation_owner, owner_create
from apps.vault.services.resealing import keys_rotate, rows_reseal, sealed_models
from apps.vault.services.revealing import reveal
from apps.vault.services.rotation import file_reseal, key_rotate, keys_rewrap, row_reseal

__all__ = [
    "file_reseal",
    "installation_owner",
    "key_rotate",
    "keys_rewrap",
    "keys_rotate",
    "owner_create",
    "owner_forget",
    "reveal",
    "row_reseal",
    "rows_reseal",
    "sealed_models",
]

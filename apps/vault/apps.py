"""Django configuration of the vault app."""

from django.apps import AppConfig


class VaultConfig(AppConfig):
    """Registers the vault app."""

    name = "apps.vault"
    label = "vault"

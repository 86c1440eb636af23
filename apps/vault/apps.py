"""Django configuration of the vault app."""

from django.apps import AppConfig
from django.core import checks


class VaultConfig(AppConfig):
    """Registers the vault app and the check of its key file."""

    name = "apps.vault"
    label = "vault"

    def ready(self) -> None:
        """Look at the key file before any command runs."""
        from apps.vault.checks import check_key_file

        checks.register(check_key_file)

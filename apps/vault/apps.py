"""Django configuration of the vault app."""

from django.apps import AppConfig
from django.core import checks


class VaultConfig(AppConfig):
    """Registers the vault app and the checks of its key file and of columns in clear."""

    name = "apps.vault"
    label = "vault"

    def ready(self) -> None:
        """Look at the key file, and at what tables hold in clear, before any command runs."""
        from apps.vault.checks import check_key_file
        from apps.vault.classified import check_data_classes

        checks.register(check_key_file)
        checks.register(check_data_classes)

"""Django configuration of the accounts app."""

from django.apps import AppConfig
from django.core import checks


class AccountsConfig(AppConfig):
    """Registers the accounts app and its check of demo people."""

    name = "apps.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Look for demo people before any command runs."""
        from apps.accounts.checks import check_demo_people

        checks.register(check_demo_people)

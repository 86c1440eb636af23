"""Django configuration of the borrowers app."""

from django.apps import AppConfig


class BorrowersConfig(AppConfig):
    """Registers policies and tells access of ties and portal accounts."""

    name = "apps.borrowers"
    label = "borrowers"

    def ready(self) -> None:
        """Connect borrowers to the lower floors."""
        from apps.borrowers.policies import register_policies

        register_policies()

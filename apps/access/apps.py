"""Django configuration of the access app."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Registers the access app and tells the demo's sign-in page who its people are."""

    name = "apps.access"
    label = "access"

    def ready(self) -> None:
        """Fill the ports of accounts."""
        from apps.access.selectors import describe, role_names
        from apps.accounts.demo import Port
        from apps.accounts.ports import Ports

        Port.describe = staticmethod(describe)
        Ports.roles = staticmethod(role_names)

"""Django configuration of the access app."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Registers the access app and tells the demo's sign-in page who its people are."""

    name = "apps.access"
    label = "access"

    def ready(self) -> None:
        """Fill the port of accounts."""
        from apps.access.selectors import describe
        from apps.accounts.demo import Port

        Port.describe = staticmethod(describe)

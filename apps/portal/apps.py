"""Django configuration of the portal app."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Registers the portal's policies."""

    name = "apps.portal"
    label = "portal"

    def ready(self) -> None:
        """Connect the portal to access."""
        from apps.portal.policies import register_policies

        register_policies()

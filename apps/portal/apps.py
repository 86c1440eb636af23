"""Django configuration of the portal app."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Registers the portal's policies."""

    name = "apps.portal"
    label = "portal"

    def ready(self) -> None:
        """Connect the portal to access."""
        from apps.core.rounds import go_round
        from apps.portal.policies import register_policies
        from apps.portal.requesting import copies_erase

        register_policies()
        go_round("copies of data erased", copies_erase)

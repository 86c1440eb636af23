"""Django configuration of the applications app."""

from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    """Registers guards, policies, handoff, panels and links, and tells borrowers what rests on them."""

    name = "apps.applications"
    label = "applications"

    def ready(self) -> None:
        """Connect intake to the lower floors."""
        from apps.applications import guards  # noqa: F401
        from apps.applications.panels import register_panels
        from apps.applications.policies import register_policies
        from apps.applications.wiring import connect

        register_policies()
        connect()
        register_panels()

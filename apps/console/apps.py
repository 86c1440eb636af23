"""Django configuration of the console app."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Registers the console app and the catalogue of a first start."""

    name = "apps.console"
    label = "console"

    def ready(self) -> None:
        """Fill the ports of access and workflow."""
        from apps.access.ports import at_founding
        from apps.console.first_terms import catalogue_found
        from apps.console.saved import views_of
        from apps.workflow.ports import Ports

        at_founding("catalogue", catalogue_found)
        Ports.views_of = staticmethod(views_of)

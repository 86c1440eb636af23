"""Django configuration of the console app."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Registers the console app and the catalogue of a first start."""

    name = "apps.console"
    label = "console"

    def ready(self) -> None:
        """Fill the port of access."""
        from apps.access.ports import at_founding
        from apps.console.first_terms import catalogue_found

        at_founding("catalogue", catalogue_found)

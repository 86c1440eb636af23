"""Django configuration of the console app."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Registers the console app."""

    name = "apps.console"
    label = "console"

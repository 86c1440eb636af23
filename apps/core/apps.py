"""Django configuration of the core app."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Registers the core app."""

    name = "apps.core"
    label = "core"

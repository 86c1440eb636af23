"""Django configuration of the access app."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Registers the access app."""

    name = "apps.access"
    label = "access"

"""Django configuration of the api app."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Registers the api app."""

    name = "apps.api"
    label = "api"

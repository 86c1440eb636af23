"""Django configuration of the portal app."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Registers the portal app."""

    name = "apps.portal"
    label = "portal"

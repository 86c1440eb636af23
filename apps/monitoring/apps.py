"""Django configuration of the monitoring app."""

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    """Registers the monitoring app."""

    name = "apps.monitoring"
    label = "monitoring"

"""Django configuration of the reports app."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Registers the reports app."""

    name = "apps.reports"
    label = "reports"

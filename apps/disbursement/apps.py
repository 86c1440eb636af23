"""Django configuration of the disbursement app."""

from django.apps import AppConfig


class DisbursementConfig(AppConfig):
    """Registers the disbursement app."""

    name = "apps.disbursement"
    label = "disbursement"

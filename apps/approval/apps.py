"""Django configuration of the approval app."""

from django.apps import AppConfig


class ApprovalConfig(AppConfig):
    """Registers the approval app."""

    name = "apps.approval"
    label = "approval"

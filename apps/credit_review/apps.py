"""Django configuration of the credit_review app."""

from django.apps import AppConfig


class CreditReviewConfig(AppConfig):
    """Registers the credit_review app."""

    name = "apps.credit_review"
    label = "credit_review"

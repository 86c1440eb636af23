"""Django configuration of the post_loan app."""

from django.apps import AppConfig


class PostLoanConfig(AppConfig):
    """Registers the post_loan app."""

    name = "apps.post_loan"
    label = "post_loan"

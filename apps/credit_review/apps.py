"""Django configuration of the credit_review app."""

from django.apps import AppConfig


class CreditReviewConfig(AppConfig):
    """Registers guards, policies, the handoff into the review, panels and links."""

    name = "apps.credit_review"
    label = "credit_review"

    def ready(self) -> None:
        """Connect the review to workflow."""
        from apps.credit_review import guards  # noqa: F401
        from apps.credit_review.registration import register_all

        register_all()

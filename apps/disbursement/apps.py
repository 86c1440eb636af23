"""Django configuration of the disbursement app."""

from django.apps import AppConfig


class DisbursementConfig(AppConfig):
    """Registers guards, policies, panels and the pages of its events."""

    name = "apps.disbursement"
    label = "disbursement"

    def ready(self) -> None:
        """Connect disbursement to workflow."""
        from apps.disbursement import guards  # noqa: F401
        from apps.disbursement.registration import register_all

        register_all()

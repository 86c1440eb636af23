"""Django configuration of the approval app."""

from django.apps import AppConfig


class ApprovalConfig(AppConfig):
    """Registers guards, policies, handoffs, panels and links."""

    name = "apps.approval"
    label = "approval"

    def ready(self) -> None:
        """Connect approval to workflow."""
        from apps.approval import guards  # noqa: F401
        from apps.approval.registration import register_all

        register_all()

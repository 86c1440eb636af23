"""Django configuration of the portal app."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Registers the portal's policies."""

    name = "apps.portal"
    label = "portal"

    def ready(self) -> None:
        """Connect the portal to access."""
        from apps.accounts.drafts.subjects import tell
        from apps.core.rounds import go_round
        from apps.portal.policies import register_policies
        from apps.portal.request_lists import borrower_of_copy, borrower_of_request
        from apps.portal.requesting import copies_erase

        register_policies()
        tell({"portal:data_request:pk": borrower_of_copy, "portal:privacy_request:uuid": borrower_of_request})
        go_round("copies of data erased", copies_erase)

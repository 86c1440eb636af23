"""Django configuration of the access app."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Registers the access app, tells the demo's sign-in page who its people are, and how a reported loss is passed
    on, and puts refusals that pages show on record.
    """

    name = "apps.access"
    label = "access"

    def ready(self) -> None:
        """Fill the ports of accounts."""
        from apps.access.gate import keep_on_record
        from apps.access.ports import tell
        from apps.access.selectors import describe, role_names, watchers
        from apps.access.services.resetting import PLEA, plea_tell
        from apps.accounts.demo import Port
        from apps.accounts.ports import Ports
        from apps.accounts.tasks import RENEWALS
        from apps.core import pages

        RENEWALS[PLEA] = plea_tell
        pages.Port.record = staticmethod(keep_on_record)
        Port.describe = staticmethod(describe)
        Ports.roles = staticmethod(role_names)
        Ports.tell, Ports.watchers = staticmethod(tell), staticmethod(watchers)

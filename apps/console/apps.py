"""Django configuration of the console app."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Registers the console app and the catalogue of a first start."""

    name = "apps.console"
    label = "console"

    def ready(self) -> None:
        """Fill the ports of access and workflow; the log about an object is read in one's scope."""
        from apps.access.policies import in_scope, register
        from apps.access.ports import at_founding
        from apps.accounts import demo
        from apps.audit.opening_port import fill
        from apps.borrowers.registry import Section, on_forgetting, show
        from apps.console.demo_starts import starts
        from apps.console.first_terms import catalogue_found
        from apps.console.opening import exports_of_forgotten, fields_shown, openable
        from apps.console.privacy_section import privacy_section
        from apps.console.rights_reviews import reviews_go_on
        from apps.console.saved import views_of
        from apps.core.permissions import Permission
        from apps.core.rounds import go_round
        from apps.workflow.ports import Ports

        show(Section("privacy", "console/privacy_section.html", privacy_section, Permission.PRIVACY_VIEW))
        register({Permission.AUDIT_VIEW: in_scope})
        at_founding("catalogue", catalogue_found)
        fill(openable, fields_shown)
        on_forgetting(exports_of_forgotten)
        go_round("reviews of rights", reviews_go_on)
        demo.Port.starts = staticmethod(starts)
        Ports.views_of = staticmethod(views_of)

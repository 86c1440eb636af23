"""Django configuration of the workflow app."""

from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _


class WorkflowConfig(AppConfig):
    """Registers guards, policies and the table of shared cases."""

    name = "apps.workflow"
    label = "workflow"

    def ready(self) -> None:
        """Connect workflow to the lower floors."""
        from apps.access.ports import Ports, fill_engaged
        from apps.access.selectors import register_grants
        from apps.accounts.drafts.subjects import tell
        from apps.accounts.tasks import RENEWALS
        from apps.audit.retiring import port
        from apps.borrowers.keeping import months_of
        from apps.borrowers.registry import Keeper, keep
        from apps.core.gathered import hang
        from apps.workflow import guards  # noqa: F401
        from apps.workflow.held import held_now
        from apps.workflow.keeping import borrower_of_number, with_cases
        from apps.workflow.links import register_links
        from apps.workflow.models import CaseStep, DutyDone, Facility, LoanCase, LoanCaseUserObjectPermission, Message
        from apps.workflow.panels import register_panels
        from apps.workflow.policies import register_policies
        from apps.workflow.proof.checks import check_proved
        from apps.workflow.selectors.engagements import engaged
        from apps.workflow.services.leaving import cases_pass_on
        from apps.workflow.services.mailing import TEMPLATE, notices_mail_again
        from apps.workflow.services.talk import told

        register(check_proved)
        keep("cases", Keeper(_("A case of the borrower is open, or has ended too recently."), with_cases))
        port.fill(months_of, held_now)
        Ports.tell = staticmethod(told)
        Ports.leaving = staticmethod(cases_pass_on)
        RENEWALS[TEMPLATE] = notices_mail_again
        fill_engaged(engaged)
        tell({"number": borrower_of_number})
        register_policies()
        register_links()
        register_panels()
        register_grants(LoanCase, LoanCaseUserObjectPermission)
        hang(LoanCase, dict.fromkeys((CaseStep, DutyDone, Facility, Message), "case"))

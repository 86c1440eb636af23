"""What may wait for somebody on the first page: a table of counts, each with the permission that answers for it.

Nothing names a role. A count reaches the branches of the roles that hold its permission: a case shared for reading adds
nothing that its reader could do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.access.delegations import to_agree, waiting
from apps.access.directory import grants_to_agree
from apps.access.rights import requests_open, to_give
from apps.access.roles import permissions_held
from apps.access.selectors import grants_waiting, resets_open
from apps.accounts.models import Account, AccountKind, FailureCount
from apps.approval.models import Policy
from apps.audit.domains import Domain
from apps.audit.models import AuditEvent, AuditExport, ExportState
from apps.audit.overview import REVEALS
from apps.console.retiring import to_answer
from apps.console.review_rows import ReviewLine, Verdict
from apps.core import clock
from apps.core.actor import Actor
from apps.core.permissions import Permission
from apps.disbursement.models import ConditionEvidence, ConditionFollowUp, Drawdown, DrawdownState, PayingAccount
from apps.disbursement.models.evidence import EvidenceState
from apps.disbursement.services.following import FOLLOWED
from apps.post_loan.models import Loan, Repayment
from apps.post_loan.models.money import RepaymentState
from apps.post_loan.process import LoanState
from apps.workflow.models import LoanCase
from apps.workflow.states import OPEN, State

P = Permission
HOUSE = None
Rows = Callable[[Actor], QuerySet[Any, Any]]


@dataclass(frozen=True, slots=True)
class Wait:
    """One count: its words, the page that shows it, whose it is, and its rows; ``case`` leads from a row to its case.

    ``case`` is ``""`` for cases themselves and ``None`` for rows of the house, which belong to no branch. ``but`` names
    permissions whose holders have a better page for it; ``bad`` marks what should not be there;
    ``{today}`` in a query is today's date. ``domain`` is that of the events counted, for whoever may read them. ``asks``
    marks an answer that others wait for: its card is there while something waits, before all others.
    """

    name: str
    label: Any
    page: str
    query: str
    needs: tuple[Permission, ...]
    rows: Rows
    case: str | None = "case__"
    but: tuple[Permission, ...] = ()
    bad: bool = False
    domain: Domain | None = None
    asks: bool = False


def _cases(*states: str, **more: Any) -> Rows:
    return lambda _actor: LoanCase.objects.filter(state__in=states, **more)


def _drawn(*states: str) -> Rows:
    return lambda _actor: Drawdown.objects.filter(state__in=states)


def _to_release(actor: Actor) -> QuerySet[Drawdown]:
    return Drawdown.objects.filter(state=DrawdownState.PREPARED).exclude(order__maker_id=actor.person_id)


def _to_verify(actor: Actor) -> QuerySet[ConditionEvidence]:
    return ConditionEvidence.objects.filter(state=EvidenceState.GIVEN).exclude(given_by_id=actor.person_id)


def _to_post(actor: Actor) -> QuerySet[Repayment]:
    return Repayment.objects.filter(state=RepaymentState.ENTERED).exclude(entered_by_id=actor.person_id)


def _late_loans(actor: Actor) -> QuerySet[Loan]:
    return Loan.objects.filter(state=LoanState.RUNNING, next_due_on__lt=clock.today())


def _late_conditions(actor: Actor) -> QuerySet[ConditionFollowUp]:
    return ConditionFollowUp.objects.filter(done_at=None, due_on__lt=clock.today(), case__state__in=FOLLOWED)


def _late_approvals(actor: Actor) -> QuerySet[LoanCase]:
    return LoanCase.objects.filter(state=State.APPROVAL, due_at__lt=clock.now())


def _grants(actor: Actor) -> QuerySet[Any]:
    return grants_waiting().filter(pk__in=[grant.pk for grant in grants_to_agree(actor)])


def _resets(actor: Actor) -> QuerySet[Any]:
    """Lost factors that wait for this reader: reported ones for any administrator, asked ones for another than who asked."""
    return resets_open().exclude(person_id=actor.person_id or 0).exclude(started_by_id=actor.person_id or 0)


def _delegations(actor: Actor) -> QuerySet[Any]:
    return waiting().filter(pk__in=[row.pk for row in to_agree(actor)])


def _rights_asked(actor: Actor) -> QuerySet[Any]:
    """What waits for a line manager, or for theirs where they asked themselves; no question before the count."""
    by_line = Q(person__reports_to__manager=actor.person_id) & ~Q(asked_by=actor.person_id)
    above = Q(person__reports_to__manager=F("asked_by"), asked_by__reports_to__manager=actor.person_id)
    return requests_open().filter(by_line | above, agreed_at=None).exclude(person=actor.person_id)


def _rights_to_give(actor: Actor) -> QuerySet[Any]:
    return to_give(actor)


def _rights_review(actor: Actor) -> QuerySet[Any]:
    mine = Q(reviewer=actor.person_id)
    if Permission.ROLE_GRANT in permissions_held(actor.held):
        mine |= Q(reviewer=None)
    lines = ReviewLine.objects.filter(mine, verdict=Verdict.OPEN, review__closed_at=None)
    return lines.exclude(person=actor.person_id)


def _invited(actor: Actor) -> QuerySet[Account]:
    return Account.objects.filter(kind=AccountKind.STAFF, is_active=True, enrolled_at=None)


def _accounts_to_confirm(actor: Actor) -> QuerySet[PayingAccount]:
    return PayingAccount.objects.filter(confirmed_at=None, ended_at=None).exclude(entered_by_id=actor.person_id)


def _policies(actor: Actor) -> QuerySet[Policy]:
    return Policy.objects.filter(active_from__gt=clock.now())


def _locked(actor: Actor) -> QuerySet[FailureCount]:
    return FailureCount.objects.filter(locked_until__gt=clock.now())


def _today() -> Any:
    return timezone.localtime(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)


def _refused(actor: Actor) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(outcome="refused", at__gte=_today())


def _revealed(actor: Actor) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(action__in=REVEALS, outcome="done", at__gte=_today())


def _to_agree(actor: Actor) -> QuerySet[AuditExport]:
    asked = AuditExport.objects.filter(state=ExportState.ASKED, answer_by__gt=clock.now())
    return asked.exclude(account=actor.account_id or 0)


def _to_retire(actor: Actor) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(pk__in=to_answer(actor))


WORKS = (P.CASE_CLAIM, P.CASE_REASSIGN)
# fmt: off
WAITS: tuple[Wait, ...] = (
    Wait("to_release", _("Payments to release"), "disbursement:payments", "state=prepared", (P.PAYMENT_RELEASE,), _to_release),
    Wait("to_prepare", _("Cases ready for a payment"), "workflow:cases", "stage=disbursement", (P.PAYMENT_PREPARE,), _cases(State.PAYOUT), ""),
    Wait("to_check", _("Payments waiting for their checker"), "disbursement:payments", "state=prepared", (P.PAYMENT_PREPARE,), _drawn(DrawdownState.PREPARED)),
    Wait("to_verify", _("Evidence to verify"), "workflow:cases", "stage=contract", (P.CONDITION_VERIFY,), _to_verify),
    Wait("conditions", _("Cases with conditions open"), "workflow:cases", "stage=contract", (P.CONDITION_VERIFY,), _cases(State.CONDITIONS), ""),
    Wait("in_doubt", _("Payments in doubt"), "disbursement:payments", "state=in_doubt", (P.PAYMENT_CONFIRM,), _drawn(DrawdownState.IN_DOUBT), bad=True),
    Wait("to_answer", _("Payments the bank has not answered"), "disbursement:payments", "state=paying", (P.PAYMENT_CONFIRM,), _drawn(DrawdownState.PAYING)),
    Wait("to_post", _("Repayments to post"), "post_loan:loans", "entered=on", (P.REPAYMENT_CHECK,), _to_post, "loan__case__"),
    Wait("to_agree", _("Exports in clear to answer"), "console:audit_clear", "", (P.AUDIT_UNMASK,), _to_agree, HOUSE, asks=True),
    Wait("to_retire", _("Stretches of the log to answer"), "console:audit_retiring", "", (P.AUDIT_RETIRE,), _to_retire, HOUSE, asks=True),
    Wait("policies", _("Policies to come into force"), "approval:policies", "", (P.POLICY_MANAGE,), _policies, HOUSE),
    Wait("grants", _("Roles waiting for your agreement"), "console:grants", "", (P.ROLE_APPROVE, P.ROLE_ENDORSE, P.ROLE_CONFIRM), _grants, HOUSE, asks=True),
    Wait("resets", _("Lost devices waiting for an administrator"), "console:factor_resets", "", (P.ROLE_APPROVE,), _resets, HOUSE, asks=True),
    Wait("rights", _("Requests of your people for rights"), "console:rights_team", "", (P.RIGHT_ASK,), _rights_asked, HOUSE, asks=True),
    Wait("to_give", _("Rights to give"), "console:rights_asked", "", (P.ROLE_GRANT,), _rights_to_give, HOUSE, asks=True),
    Wait("rights_review", _("Rights to review"), "console:rights_review", "", (P.RIGHT_ASK,), _rights_review, HOUSE, asks=True),
    Wait("delegations", _("Delegations waiting for your agreement"), "console:delegations", "", (P.ROLE_ENDORSE,), _delegations, HOUSE, asks=True),
    Wait("invited", _("Invited, not enrolled yet"), "console:people", "", (P.PEOPLE_INVITE,), _invited, HOUSE),
    Wait("accounts", _("Paying accounts to confirm"), "disbursement:paying", "", (P.PAYING_ACCOUNT_MANAGE,), _accounts_to_confirm, HOUSE),
    Wait("late_loans", _("Loans overdue"), "post_loan:loans", "overdue=on", (P.REPAYMENT_POST, P.CASE_REASSIGN), _late_loans, "case__", bad=True),
    Wait("late_conditions", _("Conditions after payout overdue"), "post_loan:conditions", "overdue=on", (P.REPAYMENT_POST, P.CASE_REASSIGN),
         _late_conditions, bad=True),
    Wait("locked", _("Locked out now"), "console:people", "", (P.PEOPLE_SUSPEND,), _locked, HOUSE, bad=True),
    Wait("frozen", _("Frozen cases"), "workflow:cases", "frozen=on", (P.CASE_FREEZE,), _cases(*OPEN, is_frozen=True), ""),
    Wait("refused", _("Refusals today"), "console:audit", "outcome=refused&since={today}", (P.AUDIT_VIEW,), _refused, HOUSE),
    Wait("revealed", _("Looks at masked data today"), "console:audit", "action=borrowers.revealed&since={today}", (P.AUDIT_VIEW,), _revealed, HOUSE,
         domain=Domain.BORROWERS),
    Wait("approval", _("Cases in approval"), "workflow:cases", "stage=approval", (P.CASE_VIEW,), _cases(State.APPROVAL), "", (*WORKS, P.AUDIT_VIEW)),
    Wait("late_approval", _("Approvals overdue"), "workflow:cases", "stage=approval&overdue=on", (P.CASE_VIEW,), _late_approvals, "",
         (*WORKS, P.AUDIT_VIEW), bad=True),
    Wait("waiting", _("Waiting for the applicant"), "workflow:cases", "", (P.CASE_VIEW,), _cases(State.WAITING), "", (*WORKS, P.AUDIT_VIEW)),
)
# fmt: on
"""In the order in which they stand; whoever holds many sees the first four."""

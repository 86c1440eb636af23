"""Real arguments of every address: for a station's case, the first object of each kind that the address speaks of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet

from apps.accounts.models import Account
from apps.audit.models import AuditEvent
from apps.workflow.models import LoanCase
from tests.walks.addresses import Page
from tests.walks.world import NEAR, World

Finder = Callable[[World, LoanCase], Any]


def first(label: str, *, by: str = "case", show: str = "pk", **wanted: Any) -> Finder:
    """Find the newest row of a model that belongs to the case (or to its borrower), as one of its columns."""

    def found(world: World, case: LoanCase) -> Any:
        owner = {"case": case.pk, "borrower": case.borrower_id, "none": None}[by.split("__")[-1]]
        rows: QuerySet[Model] = apps.get_model(label)._default_manager.filter(**wanted)
        rows = rows if owner is None else rows.filter(**{by: owner})
        return rows.order_by("-pk").values_list(show, flat=True).first()

    return found


def fixed(value: Any) -> Finder:
    """The same for every case."""
    return lambda world, case: value


def number(world: World, case: LoanCase) -> str:
    """The case's number."""
    return case.number


LOAN = first("post_loan.Loan", show="number")
PARTY = first("borrowers.Party", by="borrower")
DELEGATED_POWER = first("access.Delegation", by="none", show="uuid", needs_second=True, agreed_at=None)
DELEGATED = first("access.Delegation", by="none", show="uuid", principal__accounts__handle="near-loan_officer")
RIGHT_ASKED = first("access.RightRequest", by="none", show="uuid", agreed_at=None, ended_at=None)
WAITING = first("access.RoleGrant", by="none", show="uuid", needs_second=True, approved_at=None)
LOST = first("access.FactorReset", by="none", show="uuid", agreed_at=None, stopped_at=None)
INTEREST = first("borrowers.Interest", by="party__borrower", ended_on=None)

# "app:page:argument", "app:argument" or "argument" → how to find one; the most special line counts.
FINDERS: Mapping[str, Finder] = {
    "number": number,
    "position": fixed(1),
    "workflow:share_end:share": first("workflow.LoanCaseUserObjectPermission", by="none"),
    "workflow:unblock:block": first("workflow.CaseBlock"),
    "accounts:token": fixed("no-such-invitation"),
    "accounts:handle": lambda world, case: world.handles[NEAR]["loan_officer"],
    "accounts:uuid": first("accounts.SessionRecord", by="none", show="uuid"),
    "borrowers:pk": lambda world, case: case.borrower_id,
    "console:audit_borrower:pk": lambda world, case: case.borrower_id,
    "borrowers:sort": fixed("business"),
    "borrowers:row": lambda world, case: case.borrower_id,
    "borrowers:field": fixed("identifier"),
    "borrowers:access": first("borrowers.BorrowerAccess", by="borrower", ended_at=None),
    "borrowers:tie": first("borrowers.StaffInterest", by="borrower", ended_on=None),
    "borrowers:account": first("borrowers.BankAccount", by="borrower"),
    "party": PARTY,
    "interest": INTEREST,
    "applications:access": first("borrowers.BorrowerAccess", by="borrower", ended_at=None),
    "applications:consent": first("applications.Consent"),
    "applications:document": first("applications.Document"),
    "applications:finding": first("applications.DuplicateFinding"),
    "applications:visit:pk": first("applications.VisitReport"),
    "applications:visit_confirm:pk": first("applications.VisitReport"),
    "credit_review:guarantor": first("credit_review.Guarantor"),
    "credit_review:alert": first("credit_review.Alert"),
    "collateral:asset": first("collateral.Asset"),
    "approval:memo_number": fixed(1),
    "approval:condition_id": first("approval.Condition"),
    "approval:letter_id": first("approval.Letter"),
    "approval:version": first("approval.Policy", by="none", show="version"),
    "approval:template_use:code": first("approval.ConditionTemplate", by="none", show="code"),
    "workflow:question": first("workflow.Message", kind="question", audience="colleague"),
    "disbursement:account": first("disbursement.PayingAccount", by="none", confirmed_at=None),
    "disbursement:drawdown": first("disbursement.Drawdown", by="facility__case"),
    "disbursement:language": fixed("en"),
    "disbursement:line": first("disbursement.ContractParty", by="contract__case"),
    "disbursement:sort": fixed("evidence"),
    "disbursement:pk": first("disbursement.ConditionEvidence"),
    "disbursement:condition": first("approval.Condition", show="uuid"),
    "disbursement:evidence": first("disbursement.ConditionEvidence"),
    "post_loan:number": LOAN,
    "post_loan:facility_close:number": number,
    "post_loan:repayment": first("post_loan.Repayment", by="loan__case"),
    "post_loan:decision": fixed("post"),
    "portal:loan:number": LOAN,
    "portal:statement:number": LOAN,
    "portal:settle:number": LOAN,
    "portal:form": fixed("pdf"),
    "portal:language": fixed("en"),
    "page": fixed(1),
    "upload": fixed("00000000-0000-0000-0000-000000000007"),
    "piece": fixed(0),
    "portal:letter": first("approval.Letter"),
    "portal:consent": first("applications.Consent"),
    "portal:pk": first("portal.Announcement", by="none"),
    "portal:borrower": lambda world, case: case.borrower_id,
    "portal:data_take:pk": first("portal.DataRequest", by="borrower", open_until__isnull=False),
    "portal:data_request:pk": first("portal.DataRequest", by="borrower", decided_at=None),
    "approval:review_id": first("approval.DecisionReview"),
    "portal:document": first("applications.Document", uploaded_by__accounts__kind="borrower"),
    "console:handle": lambda world, case: world.handles[NEAR]["payment_maker"],
    "console:uuid": lambda world, case: _grant(world),
    "console:audit_export_file:uuid": first("audit.AuditExport", by="none", show="uuid"),
    "console:audit_clear_agree:uuid": first("audit.AuditExport", by="none", show="uuid", state="asked"),
    "console:audit_clear_decline:uuid": first("audit.AuditExport", by="none", show="uuid", state="asked"),
    "console:audit_retiring_agree:number": first("audit.AuditEvent", by="none", action="audit.stretch_proposed"),
    "console:audit_retiring_decline:number": first("audit.AuditEvent", by="none", action="audit.stretch_proposed"),
    "console:audit_review_confirm:uuid": first("console.LogReview", by="none", show="uuid"),
    "console:engagement_agree:uuid": first("workflow.Engagement", by="none", show="uuid", agreed_at=None),
    "console:engagement_end:uuid": first("workflow.Engagement", by="none", show="uuid", agreed_at=None),
    "console:audit_filter_gone:uuid": first("console.SavedFilter", by="none", show="uuid", page="audit"),
    "console:borrower": lambda world, case: case.borrower_id,
    "console:forget_approve:uuid": first("borrowers.ForgetRequest", by="none", show="uuid", decided_at=None),
    "console:forget_refuse:uuid": first("borrowers.ForgetRequest", by="none", show="uuid", decided_at=None),
    "console:hold_lift:uuid": first("borrowers.LegalHold", by="none", show="uuid", lifted_at=None),
    "console:data_class": fixed("personal"),
    "portal:kind": fixed("correction"),
    "portal:uuid": first("borrowers.PrivacyRequest", by="borrower", show="uuid", decided_at=None),
    "console:page": fixed("work"),
    "console:view_edit:uuid": first("console.SavedFilter", by="none", show="uuid", page="work"),
    "console:view_gone:uuid": first("console.SavedFilter", by="none", show="uuid", page="work"),
    **dict.fromkeys(("console:factor_reset_agree:uuid", "console:factor_reset_stop:uuid"), LOST),
    "console:grant_approve:uuid": WAITING,
    "console:grant_reject:uuid": WAITING,
    **dict.fromkeys(("console:delegation_agree:uuid", "console:delegation_reject:uuid"), DELEGATED_POWER),
    **dict.fromkeys(("console:delegation_end:uuid", "console:delegation_act:uuid"), DELEGATED),
    **dict.fromkeys(
        ("console:right_agree:uuid", "console:right_decline:uuid", "console:right_withdraw:uuid"), RIGHT_ASKED
    ),
    "console:right_give:uuid": first(
        "access.RightRequest", by="none", show="uuid", agreed_at__isnull=False, grant=None
    ),
    **dict.fromkeys(
        (f"console:rights_review_{page}:uuid" for page in ("one", "close")),
        first("console.RightsReview", by="none", show="uuid"),
    ),
    "console:rights_review_report:uuid": first("console.RightsReview", by="none", show="uuid", closed_at__isnull=False),
    "console:branch_edit:code": lambda world, case: case.branch.code,
    "console:product:code": lambda world, case: case.product.code,
    "console:product_use:code": lambda world, case: case.product.code,
    "console:reason:code": fixed("decline-reason"),
    "console:reason_use:code": fixed("decline-reason"),
    "console:audit_sample:number": first("audit.AuditEvent", by="none", action="audit.sample_drawn"),
    "console:audit_event:number": lambda world, case: AuditEvent.objects.filter(case=case.number).latest("id").pk,
}


def _grant(world: World) -> Any:
    person = Account.objects.get(handle=world.handles[NEAR]["payment_maker"]).person
    return apps.get_model("access.RoleGrant")._default_manager.filter(person=person).values_list("uuid", flat=True)[0]


def finder_of(page: Page, argument: str) -> Finder | None:
    """How an argument of a page is found."""
    app = page.name.partition(":")[0]
    keys = (f"{page.name}:{argument}", f"{app}:{argument}", argument)
    return next((FINDERS[key] for key in keys if key in FINDERS), None)


def arguments_of(page: Page, world: World, case: LoanCase) -> dict[str, Any] | None:
    """Real arguments of a page for a case; ``None`` where the case has no such object."""
    found = {}
    for name in page.names:
        finder = finder_of(page, name)
        assert finder is not None, f"{page}: say in tests/walks/arguments.py how to find a real “{name}”"
        found[name] = finder(world, case)
    return None if None in found.values() else found

"""A borrower at the portal: signs in with password and a code by e-mail, asks for other terms, and accepts the next offer.

What the bank does in between is laid by its services; it is walked in a browser in ``test_journey``.
"""

from __future__ import annotations

import io

from django.core import mail
from django.core.management import call_command

from apps.access.roles import Role
from apps.audit.models import AuditEvent
from apps.audit.tags import Tag
from apps.borrowers.services import access_give
from apps.credit_review.services import recommend
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.services.steps import case_step
from tests.accounts import factories as people
from tests.applications.factories import again
from tests.approval import factories as approval
from tests.credit_review import factories as credit
from tests.journeys import stages
from tests.journeys.people import Office


def letter_code() -> str:
    """The code of the newest letter to the borrower."""
    return next(word.strip(".") for word in str(mail.outbox[-1].body).split() if word.strip(".").isdigit())


def offered_anew(office: Office, case: LoanCase) -> LoanCase:
    """The bank looks at what was asked, recommends and signs again."""
    analyst = people.actor_for(people.staff(Role.CREDIT_ANALYST, office.branch))
    now = again(case)
    now = again(case_step(actor=analyst, case=now, event=Event.CLAIM, version=now.version))
    now = credit.proposed(analyst, credit.explained(analyst, now))
    recommend(actor=analyst, case=now, version=now.version)
    return approval.signed(case, approval.approver(approval.ONE, office.branch))


def test_a_borrower_asks_for_other_terms_and_accepts_the_next_offer(office: Office) -> None:
    case = approval.case_offered(branch=office.branch, amount=approval.amount_for(approval.ONE))
    owner = people.borrower_account("owner-1")
    access_give(
        actor=people.actor_for(people.staff(Role.LOAN_OFFICER, office.branch)), borrower=case.borrower, account=owner
    )
    borrower = office.visitor(owner, letter_code)

    borrower.go("portal:negotiate", case.number)
    borrower.fill(term_1=36, words="A longer term, please.").send()
    assert stages.state(case) == "credit_review"
    assert offered_anew(office, case).state == "offered"

    borrower.go("portal:case", case.number)
    borrower.go("portal:accept", case.number)
    borrower.page.locator("#id_agreed").check()
    borrower.send()
    assert stages.state(case) == "contracting"

    logged = set(AuditEvent.objects.filter(outcome="done", actor="owner-1").values_list("action", flat=True))
    assert {Tag.SIGNED_IN, Tag.OFFER_NEGOTIATED, Tag.OFFER_ACCEPTED} <= logged
    said = io.StringIO()
    call_command("audit_verify", stdout=said)
    assert "The log is intact." in said.getvalue()
    assert office.said() == []

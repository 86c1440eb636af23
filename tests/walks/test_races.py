"""Two people at one moment: one is first, the other is told, and nothing is done twice."""

from __future__ import annotations

import datetime as dt

import pytest

from apps.access.roles import Role
from apps.approval import services
from apps.approval.models import Offer, Signature
from apps.approval.selectors import sign_prepare
from apps.audit.verify import verify
from apps.borrowers.models import Borrower
from apps.borrowers.registry import keepers
from apps.borrowers.services import forget_approve, forget_ask
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import LoanFlowError
from apps.credit_review.services import decline as review_decline
from apps.workflow.models import LoanCase
from apps.workflow.process import Event
from apps.workflow.services.advancing import check_event
from apps.workflow.services.steps import case_step
from tests.accounts import factories as people
from tests.applications.factories import again, case_accepted, case_in_intake, promised, reason, signer_of
from tests.approval import factories as approval
from tests.borrowers import factories as borrowers
from tests.disbursement.test_races import at_once


def told(results: list[object]) -> list[str]:
    """What those were told who came second; the others' results are rows."""
    return [str(each) for each in results if isinstance(each, LoanFlowError)]


def test_two_people_claim_one_case(committed_db: str) -> None:
    case = case_in_intake(borrowers.officer())
    people = [borrowers.officer(case.branch) for _ in range(2)]

    def claim(who: Actor) -> LoanCase:
        return case_step(actor=who, case=case, event=Event.CLAIM, version=case.version)

    results = at_once(*[lambda who=who: claim(who) for who in people])
    assert len(told(results)) == 1, results
    now = again(case)
    assert now.holder_id in {who.person_id for who in people}
    assert now.version == case.version + 1
    assert "Look again" in told(results)[0] or "holder" in told(results)[0].lower()
    assert verify().intact


def test_two_approvers_give_the_last_signature(committed_db: str) -> None:
    approval.policy((1_000_000, (approval.ONE,)))
    case = approval.case_needing()
    people = [approval.approver(approval.ONE, case.branch) for _ in range(2)]
    challenges = {who.person_id: sign_prepare(who, again(case))[1] for who in people}

    def sign(who: Actor) -> object:
        return services.memo_sign(
            actor=who, case=case, version=case.version, challenge=challenges[who.person_id], comment=""
        )

    results = at_once(*[lambda who=who: sign(who) for who in people])
    assert len(told(results)) == 1, results
    assert again(case).state == "offered"
    assert (Signature.objects.filter(case=case).count(), Offer.objects.filter(case=case).count()) == (1, 1)
    assert verify().intact


def test_a_case_is_reopened_or_its_borrower_forgotten_never_both(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.borrowers.keeping.keepers", {"cases": keepers["cases"]})
    monkeypatch.setattr("apps.borrowers.keeping.too_recent", lambda: clock.now() + dt.timedelta(days=1))
    officer = borrowers.officer()
    case = case_accepted(officer=officer)
    reason("decline-reason", "decline")
    review_decline(actor=borrowers.actor_of(Role.CREDIT_ANALYST, case.branch), case=case, version=case.version,
                   reasons=["decline-reason"], text="Too young.")  # fmt: skip
    case = again(promised(officer, again(case), signer_of(case)))
    lead = borrowers.actor_of(Role.TEAM_LEAD, case.branch)
    compliance, head = (people.actor_for(people.staff(role)) for role in (Role.COMPLIANCE_OFFICER, Role.HEAD_OF_CREDIT))
    check_event(case, Event.REOPEN, actor=lead, data={"text": "asks again"})
    asked = forget_ask(actor=compliance, borrower=case.borrower, cause="asked")
    results = at_once(
        lambda: forget_approve(actor=head, request=asked),
        lambda: case_step(actor=lead, case=case, event=Event.REOPEN, version=case.version, text="asks again"),
    )
    now = again(case)
    forgotten = Borrower.objects.get(pk=case.borrower_id).forgotten_at is not None
    assert forgotten != (now.state == "credit_review"), results
    assert len(told(results)) == 1
    assert verify().intact

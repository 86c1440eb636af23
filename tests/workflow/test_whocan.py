"""Who can take each step, and why the reader may or may not: the same answer as the step itself gives."""

from __future__ import annotations

import html

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.accounts.models import Account
from apps.core.errors import Refused
from apps.core.memory import remembering
from apps.workflow import registry
from apps.workflow.checks import check_actor
from apps.workflow.models import CaseBlock, LoanCase
from apps.workflow.process import Event, find, rows_from
from apps.workflow.selectors.whocan import NEVER, StepStanding, steps_standing
from tests.accounts import factories as people
from tests.approval import factories as approval
from tests.workflow import factories
from tests.worlds import once_a_module


def build() -> LoanCase:
    """A case that waits for signatures."""
    approval.policy()
    return approval.case_needing(approval.ONE)


case = once_a_module(build)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("case")]


def told(case: LoanCase, account: Account, *, fresh: bool = True) -> dict[str, StepStanding]:
    with remembering():
        return {each.event: each for each in steps_standing(case, people.actor_for(account, fresh=fresh))}


@pytest.mark.parametrize("role", [role for role in Role if role != Role.BORROWER])
def test_no_is_said_exactly_where_the_step_itself_would_refuse_the_person(case: LoanCase, role: Role) -> None:
    account = factories.worker(role, branch=case.branch)
    actor = people.actor_for(account)
    standings = told(case, account)
    assert {row.event for row in rows_from(case.state)} == set(standings)
    for row in rows_from(case.state):
        try:
            check_actor(case, row, actor)
            refused = any(registry.guards[name].lacks(case, actor) for name in row.guards if name in NEVER)
            refused = refused or ("holder" in row.guards and bool(registry.guards["eligible_here"].lacks(case, actor)))
        except Refused:
            refused = True
        assert (standings[row.event].reader == "no") is refused, row.event
        assert standings[row.event].why, row.event


def test_an_approver_can_sign_who_reviewed_cannot_and_both_hear_why(case: LoanCase) -> None:
    approver = approval.approver_account(approval.ONE)
    assert told(case, approver)[Event.SIGN_LAST].reader in {"yes", "lacks"}
    assert told(case, approver)[Event.RETURN_SIGNED].reader == "yes"
    stale = told(case, approver, fresh=False)[Event.RETURN_SIGNED]
    assert stale.reader == "lacks"
    assert "five minutes" in str(stale.why[-1])
    analyst = Account.objects.get(person=case.duties.get(duty="reviews").person)
    people.role_found(
        actor=people.SETUP, person=analyst.person, role=Role.APPROVER_1, branch=case.branch, reason="test"
    )
    standing = told(case, analyst)[Event.SIGN_LAST]
    assert standing.reader == "no"
    assert "reviews" in str(standing.why[0])
    assert approver.handle in standing.people
    assert analyst.handle not in standing.people


@pytest.mark.unrecorded
def test_blocked_people_are_not_named_and_where_nobody_is_left_it_is_said(case: LoanCase) -> None:
    approver = approval.approver_account(approval.ONE)
    reader = factories.worker(Role.AUDITOR, branch=case.branch)
    assert approver.handle in told(case, reader)[Event.SIGN_LAST].people
    _block(case, approver)
    assert approver.handle not in told(case, reader)[Event.SIGN_LAST].people
    assert told(case, reader)[Event.CORRECT].by_person
    assert not told(case, reader)[Event.VOID].nobody, "the system needs nobody"


def test_whom_a_step_names_may_take_it_by_level_and_once_only(case: LoanCase) -> None:
    low, high = approval.approver_account(approval.ONE), approval.approver_account(approval.TWO)
    reader = factories.worker(Role.AUDITOR, branch=case.branch)
    last = told(case, reader)[Event.SIGN_LAST]
    assert {low.handle, high.handle} <= set(last.people)
    first = told(case, low)[Event.SIGN]
    assert (first.people, first.nobody, first.reader) == ([], False, "no"), (
        "one signature is needed, so each is the last"
    )
    assert [str(line) for line in first.lacking] == ["More signatures follow"]
    assert low.handle in told(case, reader)[Event.DECLINE_APPROVAL].people
    assert told(case, low)[Event.ESCALATE].people == [], "the matrix lets level 1 decline this itself"


@pytest.mark.unrecorded
def test_a_case_that_somebody_holds_is_nobodys_to_take_and_only_the_holder_asks(case: LoanCase) -> None:
    holder, other = approval.approver_account(approval.ONE), approval.approver_account(approval.ONE)
    free = told(case, other)
    assert {holder.handle, other.handle} <= set(free[Event.CLAIM].people)
    assert other.handle in free[Event.ASK_BORROWER].people
    officer = factories.worker(branch=case.branch)
    assert officer.handle not in free[Event.ASK_BORROWER].people, "who cannot take the case cannot ask either"
    assert told(case, officer)[Event.ASK_BORROWER].reader == "no"
    case = factories.moved(case, Event.CLAIM, holder)
    held = told(case, other)
    assert held[Event.CLAIM].people == [holder.handle], "taking it once more changes nothing"
    assert held[Event.ASK_BORROWER].people == [holder.handle]
    assert held[Event.ASK_BORROWER].reader == "no"
    assert told(case, holder)[Event.ASK_BORROWER].reader == "yes"
    _block(case, holder)
    assert [str(line) for line in told(case, other)[Event.CLAIM].lacking] == ["Nobody holds the case"]


def _block(case: LoanCase, account: Account) -> None:
    CaseBlock.objects.create(case=case, person=account.person, reason="cousin")


@pytest.mark.unrecorded
def test_a_frozen_case_lacks_its_unfreezing(case: LoanCase) -> None:
    case.is_frozen = True
    lead = factories.worker(Role.TEAM_LEAD, branch=case.branch)
    standing = told(case, lead)[Event.REASSIGN]
    case.is_frozen = False
    assert standing.reader == "lacks"
    assert "frozen" in str(standing.why[0])


def test_the_page_says_it_to_whoever_sees_the_case_and_to_nobody_else(client: Client, case: LoanCase) -> None:
    page = reverse("workflow:who", args=[case.number])
    people.signed_in(client, factories.worker(Role.AUDITOR, branch=case.branch))
    assert page in client.get(case.get_absolute_url()).content.decode()
    text = html.unescape(client.get(page).content.decode())
    for part in ("Sign", "Return to an earlier stage", "Your role does not include this step.", "the system"):
        assert part in text
    assert find(case.state, Event.SIGN) is not None
    people.signed_in(client, factories.worker(Role.LOAN_OFFICER, branch=people.branch("QD")))
    assert client.get(page).status_code == 404
    people.signed_in(client, people.borrower_account())
    assert client.get(page).status_code == 403

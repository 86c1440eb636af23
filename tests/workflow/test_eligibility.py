"""Who may hold a case: the role is not enough; duties done, ties, blocks and earlier decisions keep people off."""

from __future__ import annotations

from typing import Any

import pytest

from apps.access.duties import Duty
from apps.access.roles import Role
from apps.accounts.models import Account
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers.services import tie_declare
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.workflow.dutybook import excluded_by
from apps.workflow.models import CaseBlock, LoanCase
from apps.workflow.process import Event
from apps.workflow.selectors.people import possible_holders
from apps.workflow.services.cases import duty_write
from apps.workflow.services.steps import may_go_on
from apps.workflow.states import State
from tests.accounts import factories as people
from tests.workflow import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("smooth")]


@pytest.fixture
def officer() -> Account:
    """Return a loan officer at head office."""
    return factories.worker()


@pytest.fixture
def analyst() -> Account:
    """Return a credit analyst at head office."""
    return factories.worker(Role.CREDIT_ANALYST)


@pytest.fixture
def lead() -> Account:
    """Return a team lead at head office."""
    return factories.worker(Role.TEAM_LEAD)


@pytest.fixture
def case(officer: Account) -> LoanCase:
    """Return a case in credit review that nobody holds."""
    return factories.moved(factories.submitted(officer), Event.ACCEPT, officer)


@act
def duty_laid(*, actor: Actor, case: LoanCase, duty: Duty) -> None:
    """Let the actor have done a duty."""
    duty_write(case, actor.person_id or 0, duty, "test")
    record(Tag.CASE_CLAIMED, actor=actor, subject=case, case=case)


@act
def blocked(*, actor: Actor, case: LoanCase, account: Account) -> None:
    """Keep a person off a case."""
    block = CaseBlock.objects.create(case=case, person=account.person, reason="Married to the owner")
    record(Tag.CASE_CLAIMED, actor=actor, subject=block, case=case)


def keep_off(how: str, case: LoanCase, account: Account) -> None:
    """Give a reason why a person is kept off."""
    actor = people.actor_for(account)
    if how == "duty":
        duty_laid(actor=actor, case=case, duty=Duty.PREPARES)
    elif how == "tie":
        tie_declare(actor=actor, borrower=case.borrower, person=account.person, kind="own")
    else:
        blocked(actor=people.SETUP, case=case, account=account)


def test_who_is_free_may_take_the_case(case: LoanCase, analyst: Account) -> None:
    assert possible_holders(case) == [(analyst.person_id, analyst.handle)]
    assert may_go_on(case, people.actor_for(analyst))
    assert factories.moved(case, Event.CLAIM, analyst).holder_id == analyst.person_id


@pytest.mark.parametrize("how", ["duty", "tie", "block"])
def test_who_is_kept_off_is_neither_offered_nor_taken_as_holder(
    case: LoanCase, analyst: Account, lead: Account, how: str
) -> None:
    free = factories.worker(Role.CREDIT_ANALYST)
    keep_off(how, case, analyst)
    assert possible_holders(case) == [(free.person_id, free.handle)]
    assert not may_go_on(case, people.actor_for(analyst))
    with pytest.raises(Refused) as claimed:
        factories.moved(case, Event.CLAIM, analyst)
    assert claimed.value.guard == {"duty": "eligible_here", "tie": "own_business", "block": "scope"}[how]
    with pytest.raises(Refused) as reassigned:
        factories.moved(case, Event.REASSIGN, lead, text="Holiday", data={"new_holder_id": analyst.person_id})
    assert reassigned.value.guard == "new_holder_eligible"


@pytest.mark.parametrize("chosen", [None, 0, "1", 999_999])
def test_a_new_holder_that_makes_no_sense_is_refused(case: LoanCase, lead: Account, chosen: Any) -> None:
    with pytest.raises(Refused) as refused:
        factories.moved(case, Event.REASSIGN, lead, text="Holiday", data={"new_holder_id": chosen})
    assert refused.value.guard == "new_holder_eligible"


def test_a_refusal_names_only_people_whom_nothing_keeps_off(case: LoanCase) -> None:
    tired, tied, fresh = (factories.worker(Role.CREDIT_ANALYST) for _each in range(3))
    keep_off("duty", case, tired)
    keep_off("tie", case, tied)
    with pytest.raises(Refused) as refused:
        factories.moved(case, Event.DECLINE_REVIEW, tired, reasons=["x"])
    assert refused.value.guard == "duty"
    assert str(refused.value.who_can) == f"Credit analyst ({fresh.handle})"


def test_where_nobody_is_left_the_remedy_is_named(case: LoanCase, analyst: Account) -> None:
    keep_off("duty", case, analyst)
    with pytest.raises(Refused) as refused:
        factories.moved(case, Event.DECLINE_REVIEW, analyst, reasons=["x"])
    assert "ask another branch or head office" in str(refused.value.who_can)


def test_a_small_branch_may_let_the_verifier_review(case: LoanCase, analyst: Account, settings: Any) -> None:
    duty_laid(actor=people.actor_for(analyst), case=case, duty=Duty.VERIFIES)
    assert possible_holders(case) == []
    settings.LOANFLOW_VERIFIER_MAY_REVIEW = True
    assert possible_holders(case) == [(analyst.person_id, analyst.handle)]
    assert factories.moved(case, Event.CLAIM, analyst).holder_id == analyst.person_id


@pytest.mark.parametrize(("months", "counts"), [(12, True), (0, False)])
def test_duties_of_decided_cases_count_for_the_settable_months(
    officer: Account, analyst: Account, settings: Any, months: int, counts: bool
) -> None:
    factories.reason("decline")
    old = factories.reviewed(officer, analyst)
    factories.moved(old, Event.DECLINE_REVIEW, analyst, reasons=["decline-reason"])
    fresh = factories.case(officer, borrower=old.borrower)
    settings.LOANFLOW_DUTY_MONTHS = months
    assert (excluded_by(fresh, Duty.PREPARES, analyst.person_id) == Duty.REVIEWS) is counts


# -- reopened


@pytest.fixture
def reopened(officer: Account, analyst: Account, lead: Account) -> LoanCase:
    """Return a case that the analyst declined and the lead reopened."""
    factories.reason("decline")
    case = factories.reviewed(officer, analyst)
    case = factories.moved(case, Event.DECLINE_REVIEW, analyst, reasons=["decline-reason"])
    return factories.moved(case, Event.REOPEN, lead, text="New contracts")


def test_who_reviewed_before_neither_holds_recommends_nor_declines(reopened: LoanCase, analyst: Account) -> None:
    fresh = factories.worker(Role.CREDIT_ANALYST)
    assert possible_holders(reopened) == [(fresh.person_id, fresh.handle)]
    with pytest.raises(Refused):
        factories.moved(reopened, Event.CLAIM, analyst)
    for event in (Event.RECOMMEND_UNSECURED, Event.DECLINE_REVIEW):
        with pytest.raises(Refused) as refused:
            factories.moved(reopened, event, analyst, reasons=["decline-reason"])
        assert refused.value.guard == "others_decide"
    held = factories.moved(reopened, Event.CLAIM, fresh)
    assert factories.moved(held, Event.RECOMMEND_UNSECURED, fresh).state == State.APPROVAL


def test_the_new_analyst_may_decide_again_after_the_reopening(reopened: LoanCase, lead: Account) -> None:
    fresh, signer = factories.worker(Role.CREDIT_ANALYST), factories.worker(Role.APPROVER_1)
    case = factories.moved(reopened, Event.RECOMMEND_UNSECURED, fresh)
    case = factories.moved(case, Event.RETURN_SIGNED, signer, text="Look again", data={"to": "credit_review"})
    assert factories.moved(case, Event.RECOMMEND_UNSECURED, fresh).state == State.APPROVAL


def test_the_legal_clock_begins_anew_with_the_reopening(reopened: LoanCase) -> None:
    assert reopened.submitted_at == reopened.entered_at

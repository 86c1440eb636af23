"""Services of the generic steps, beyond what their pages show."""

from __future__ import annotations

import pytest

from apps.access.roles import Role
from apps.accounts.models import Account
from apps.audit.models import AuditEvent
from apps.audit.tags import Tag
from apps.core.errors import BadInput, Refused
from apps.core.memory import remembered, remembering
from apps.workflow.models import Notice
from apps.workflow.process import Event
from apps.workflow.selectors import work
from apps.workflow.selectors.free import workable
from apps.workflow.selectors.lists import CaseFilter, counted_each
from apps.workflow.selectors.load import Loads, loads
from apps.workflow.services.notices import notices_read
from apps.workflow.services.reading import case_opened
from apps.workflow.services.steps import case_step, case_take_next
from apps.workflow.services.talk import message_send
from apps.workflow.states import State
from tests.accounts import factories as people
from tests.workflow import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer() -> Account:
    """Return a loan officer at head office."""
    return factories.worker()


def test_an_event_of_a_stage_has_no_way_in_here(officer: Account) -> None:
    case = factories.case(officer)
    with pytest.raises(ValueError, match="belongs to a stage"):
        case_step(actor=people.actor_for(officer), case=case, event=Event.SUBMIT, version=case.version)


def test_roles_tell_which_states_one_works_on(officer: Account) -> None:
    assert State.INTAKE in workable(people.actor_for(officer))
    assert State.APPROVAL not in workable(people.actor_for(officer))
    assert workable(people.actor_for(factories.worker(Role.AUDITOR))) == ()


def test_who_may_not_claim_takes_nothing_and_the_refusal_is_kept() -> None:
    actor = people.actor_for(factories.worker(Role.AUDITOR))
    with pytest.raises(Refused):
        case_take_next(actor=actor)
    assert AuditEvent.objects.filter(outcome="refused").count() == 1


def test_a_frozen_case_is_not_the_next(officer: Account, smooth: None) -> None:
    case = factories.moved(factories.case(officer), Event.SUBMIT, officer)
    factories.moved(case, Event.FREEZE, factories.worker(Role.COMPLIANCE_OFFICER), text="Doubtful")
    with pytest.raises(BadInput):
        case_take_next(actor=people.actor_for(officer))


def test_each_taker_gets_a_case_of_their_own(officer: Account, smooth: None) -> None:
    for _position in range(2):
        factories.moved(factories.case(officer), Event.SUBMIT, officer)
    takers = [people.actor_for(factories.worker()) for _each in range(2)]
    taken = [case_take_next(actor=taker) for taker in takers]
    assert len({case.pk for case in taken}) == 2
    assert [case.holder_id for case in taken] == [taker.person_id for taker in takers]


def test_borrowers_read_only_what_is_addressed_to_them(officer: Account) -> None:
    case, actor = factories.case(officer), people.actor_for(officer)
    message_send(actor=actor, case=case, audience="colleague", body="Between us")
    message_send(actor=actor, case=case, audience="borrower", body="For you")
    assert [said.text for said in case_opened(actor=actor, case=case)] == ["Between us", "For you"]
    portal = people.actor_for(people.borrower_account())
    assert [said.text for said in case_opened(actor=portal, case=case)] == ["For you"]


def test_notices_are_read_once(officer: Account) -> None:
    case, other = factories.case(officer), people.actor_for(factories.worker())
    message_send(actor=other, case=case, audience="colleague", body="Look at this")
    actor = people.actor_for(officer)
    assert work.unread_count(actor) == 1
    assert notices_read(actor=actor) == 1
    assert notices_read(actor=actor) == 0
    assert work.unread_count(actor) == 0
    assert AuditEvent.objects.filter(action=Tag.NOTICE_READ).count() == 1
    assert Notice.objects.get().read_at is not None


def test_notices_are_paged(officer: Account) -> None:
    case, other = factories.case(officer), people.actor_for(factories.worker())
    for number in range(3):
        message_send(actor=other, case=case, audience="colleague", body=f"Look {number}")
    actor = people.actor_for(officer)
    first = work.notices_of(actor, limit=2)
    second = work.notices_of(actor, first.next_cursor, limit=2)
    assert (len(first.rows), len(second.rows), second.next_cursor) == (2, 1, "")
    assert work.notices_of(actor, "damaged", limit=2).rows == first.rows


def test_load_is_counted_by_state_and_holder_inside_the_branch_only(officer: Account, smooth: None) -> None:
    factories.submitted(officer)
    factories.moved(factories.case(officer), Event.SUBMIT, officer)
    lead = people.actor_for(factories.worker(Role.TEAM_LEAD))
    assert [(load.key, load.count) for load in loads(lead).by_state] == [("intake", 2)]
    assert [(load.label, load.count) for load in loads(lead).by_holder] == [(officer.handle, 1), ("", 1)]
    away = people.actor_for(factories.worker(Role.TEAM_LEAD, people.branch("TA")))
    assert loads(away) == Loads([], [])


def test_counts_of_several_lists_agree_with_the_lists(officer: Account, smooth: None) -> None:
    factories.case(officer)
    factories.moved(factories.case(officer), Event.SUBMIT, officer)
    actor = people.actor_for(officer)
    filters = {
        "draft": CaseFilter(states=(State.DRAFT,)),
        "free": CaseFilter(unheld=True),
        "late": CaseFilter(overdue=True),
    }
    assert counted_each(actor, filters) == {"draft": 1, "free": 1, "late": 0}


def test_answers_are_remembered_only_while_a_page_is_read() -> None:
    asked: list[int] = []

    @remembered
    def question(number: int) -> int:
        asked.append(number)
        return number * 2

    assert [question(1), question(1)] == [2, 2]
    assert asked == [1, 1], "outside a page every question is asked anew"
    with remembering():
        assert [question(1), question(1), question(2)] == [2, 2, 4]
    assert asked == [1, 1, 1, 2]
    question(1)
    assert asked[-1] == 1

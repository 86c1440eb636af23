"""``advance()`` and its checks: what refuses first, what stays on record, what somebody who was too late is told."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from apps.access.roles import Role
from apps.accounts.models import Account
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers.models import StaffInterest, TieKind
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import IllegalTransition, NotVisible, Refused, Stale, StepUpNeeded
from apps.workflow import registry
from apps.workflow.dutybook import duties_near
from apps.workflow.models import CaseBlock, CaseStep, DutyDone, LoanCase
from apps.workflow.process import Event
from apps.workflow.services import advance
from tests.accounts import factories as people
from tests.accounts.log import newest
from tests.workflow.factories import case, moved, reviewed, worker

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("smooth"),
    pytest.mark.unrecorded,  # obstacles are laid bare, without the services that raise them
]


@pytest.fixture
def officer() -> Account:
    return worker()


@pytest.fixture
def in_approval(officer: Account) -> LoanCase:
    """A case before the approvers, reviewed by somebody else."""
    analyst = worker(Role.CREDIT_ANALYST)
    return moved(reviewed(officer, analyst), Event.RECOMMEND_UNSECURED, analyst)


@act
def tried(*, actor: Actor, case: LoanCase, event: str, version: int | None) -> LoanCase:
    return advance(case, event, actor=actor, version=version)


@act
def laid(*, actor: Actor, case: LoanCase, account: Account, what: str) -> None:
    """Put one obstacle before a person."""
    if what == "block":
        CaseBlock.objects.create(case=case, person=account.person, reason="cousin")
    if what == "interest":
        StaffInterest.objects.create(person=account.person, borrower=case.borrower, kind=TieKind.values[0])
    if what == "duty":
        DutyDone.objects.create(
            case=case, borrower=case.borrower, person=account.person, duty="prepares", event="submit"
        )
    if what == "freeze":
        LoanCase._base_manager.filter(pk=case.pk).update(is_frozen=True)
    record(Tag.CASE_REASSIGNED, actor=actor, subject=case)


OBSTACLES: tuple[tuple[str, str], ...] = (
    ("block", "scope"),
    ("interest", "own_business"),
    ("duty", "duty"),
    ("factor", "step_up"),
    ("freeze", "frozen"),
    ("guard", "authority"),
)
"""Obstacles in the order in which they must speak, each with the guard that it refuses by."""


@pytest.mark.parametrize("first", range(len(OBSTACLES)), ids=[name for name, _guard in OBSTACLES])
def test_the_first_obstacle_in_the_order_refuses_though_all_later_ones_stand_too(
    in_approval: LoanCase, first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = worker(Role.APPROVER_1)
    names = [name for name, _guard in OBSTACLES[first:]]
    for name in names:
        laid(actor=people.SETUP, case=in_approval, account=account, what=name)
    if "guard" in names:
        failing = dataclasses.replace(
            registry.guards["authority"], check=lambda case, actor, facts: ["Above your limit."]
        )
        monkeypatch.setitem(registry.guards, "authority", failing)
    actor = people.actor_for(account, fresh="factor" not in names)
    actor = dataclasses.replace(actor, tied_borrower_ids=frozenset())  # what the case itself asks, not the sign-in
    with pytest.raises(Refused) as refused:
        tried(actor=actor, case=in_approval, event=Event.SIGN, version=in_approval.version)
    assert refused.value.guard == OBSTACLES[first][1]


def test_a_role_without_the_permission_hears_so_before_anything_else(in_approval: LoanCase, officer: Account) -> None:
    laid(actor=people.SETUP, case=in_approval, account=officer, what="freeze")
    with pytest.raises(Refused) as refused:
        tried(
            actor=people.actor_for(officer, fresh=False),
            case=in_approval,
            event=Event.SIGN,
            version=in_approval.version,
        )
    assert refused.value.guard == "permission"
    assert "Approver" in str(refused.value.who_can)


def test_another_branch_is_told_that_there_is_nothing(in_approval: LoanCase) -> None:
    far = worker(Role.APPROVER_1, people.branch("FAR"))
    with pytest.raises(NotVisible):
        tried(actor=people.actor_for(far), case=in_approval, event=Event.SIGN, version=in_approval.version)


def test_a_refusal_stays_on_record_and_nothing_else_does(in_approval: LoanCase, officer: Account) -> None:
    steps = CaseStep.objects.count()
    old = people.actor_for(worker(Role.APPROVER_1), fresh=False)
    with pytest.raises(StepUpNeeded):
        tried(actor=old, case=in_approval, event=Event.SIGN, version=in_approval.version)
    now = LoanCase.objects.get(pk=in_approval.pk)
    assert (now.state, now.version, CaseStep.objects.count()) == (in_approval.state, in_approval.version, steps)
    told = newest(Event.SIGN)
    assert (told["outcome"], told["guard"]) == ("refused", "step_up")


def test_an_event_that_the_state_does_not_know_names_both(officer: Account) -> None:
    draft = case(officer)
    with pytest.raises(IllegalTransition) as refused:
        tried(actor=people.actor_for(officer), case=draft, event=Event.SIGN, version=draft.version)
    assert (refused.value.state, refused.value.event) == ("Draft", "Sign")


def test_who_comes_too_late_is_told_by_whom_and_what_has_changed(officer: Account) -> None:
    draft, colleague = case(officer), worker()
    moved(draft, Event.SUBMIT, officer)
    with pytest.raises(Stale) as late:
        tried(actor=people.actor_for(colleague), case=draft, event=Event.CLAIM, version=draft.version)
    assert officer.handle in late.value.by
    assert late.value.differences
    assert LoanCase.objects.get(pk=draft.pk).holder_id != colleague.person_id


def test_a_person_without_a_version_is_a_mistake_of_the_caller(officer: Account) -> None:
    draft = case(officer)
    with pytest.raises(TypeError, match="version"):
        tried(actor=people.actor_for(officer), case=draft, event=Event.SUBMIT, version=None)


@pytest.mark.parametrize(("months_ago", "counts"), [(11, True), (13, False)])
def test_duties_on_a_decided_case_of_the_business_count_for_a_year(
    officer: Account, months_ago: int, counts: bool
) -> None:
    old = moved(case(officer), Event.SUBMIT, officer)
    ended(actor=people.SETUP, case=old, at=clock.now() - dt.timedelta(days=31 * months_ago))
    new = case(worker(), borrower=old.borrower)
    assert ("prepares" in duties_near(new, officer.person_id)) is counts


@act
def ended(*, actor: Actor, case: LoanCase, at: dt.datetime) -> None:
    LoanCase.objects.filter(pk=case.pk).update(state="declined", decided_at=at)
    record(Tag.CASE_DECLINED, actor=actor, subject=case)

"""A deputy's step: checked on both persons, laid on both, bounded by the amount, and the lists show what can() allows."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal

import pytest

from apps.access.actors import deputising
from apps.access.delegations import standing_of
from apps.access.duties import Duty
from apps.access.roles import Role
from apps.access.services import can
from apps.access.services.delegating import Handover, delegation_agree, delegation_make
from apps.accounts.models import Account
from apps.audit.models import AuditEvent
from apps.audit.services import act
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import NotVisible, Refused
from apps.core.permissions import Permission
from apps.workflow import checks, process, registry
from apps.workflow.dutybook import acted_through_deputy
from apps.workflow.models import CaseStep, DutyDone, LoanCase
from apps.workflow.process import Event
from apps.workflow.selectors import cases_visible_to
from apps.workflow.services import advance
from apps.workflow.services.sharing import case_block, case_share
from apps.workflow.states import State
from tests.accounts import factories as people
from tests.workflow import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("smooth")]


def deputy(colleague: Account, principal: Account, role: str, most: Decimal | None = None) -> Actor:
    """The colleague with a right of the principal's in hand."""
    ends = clock.now() + dt.timedelta(days=7)
    wanted = Handover(colleague.handle, role, None, ends, "on leave", most)
    row = delegation_make(actor=people.actor_for(principal), wanted=wanted)
    if row.is_waiting:
        delegation_agree(actor=people.actor_for(people.staff(Role.TEAM_LEAD)), row=row)
    standing = standing_of(colleague.person_id, row.uuid)
    assert standing is not None
    return deputising(people.actor_for(colleague), standing)


@act
def step(*, actor: Actor, case: LoanCase, event: str) -> LoanCase:
    """Carry out an event as any actor."""
    return advance(case, event, actor=actor, version=case.version)


def duties(case: LoanCase, account: Account) -> set[str]:
    """Duties laid on an account's person."""
    return set(DutyDone.objects.filter(case=case, person=account.person).values_list("duty", flat=True))


def test_a_step_is_recorded_on_both_and_lays_its_duty_on_both() -> None:
    principal, colleague = factories.worker(), factories.worker(Role.CREDIT_ANALYST)
    case = step(actor=deputy(colleague, principal, Role.LOAN_OFFICER), case=factories.case(), event=Event.SUBMIT)
    assert duties(case, principal) == duties(case, colleague) == {Duty.PREPARES}
    told = CaseStep.objects.filter(case=case).latest("id")
    assert (told.person_id, told.on_behalf_of_id) == (colleague.person_id, principal.person_id)
    assert told.actor_name == f"{colleague.handle} / {principal.handle}"
    body = AuditEvent.objects.latest("id").body
    assert f'"person":{principal.person_id}' in body
    assert principal.handle in body


@pytest.mark.parametrize("who", ["deputy", "principal"])
def test_what_either_did_keeps_both_from_another_duty(who: str) -> None:
    colleague, principal = factories.worker(Role.LOAN_OFFICER), people.staff([Role.CREDIT_ANALYST, Role.LOAN_OFFICER])
    prepared = {"deputy": colleague, "principal": principal}[who]
    case = factories.moved(factories.submitted(prepared), Event.ACCEPT, prepared)
    with pytest.raises(Refused) as refused:
        step(actor=deputy(colleague, principal, Role.CREDIT_ANALYST), case=case, event=Event.RECOMMEND_UNSECURED)
    assert refused.value.guard == "duty"


def test_neither_reviews_in_person_what_was_prepared_by_deputy() -> None:
    principal = people.staff([Role.LOAN_OFFICER, Role.CREDIT_ANALYST])
    colleague = factories.worker(Role.CREDIT_ANALYST)
    standing_in = deputy(colleague, principal, Role.LOAN_OFFICER)
    case = step(actor=standing_in, case=factories.submitted(factories.worker()), event=Event.ACCEPT)
    for account in (principal, colleague):
        with pytest.raises(Refused) as refused:
            factories.moved(case, Event.RECOMMEND_UNSECURED, account)
        assert refused.value.guard == "duty"


@pytest.mark.parametrize("who", ["deputy", "principal"])
def test_a_conflict_of_either_keeps_the_deputy_off_and_out_of_the_list(who: str) -> None:
    principal, colleague = factories.worker(), factories.worker(Role.CREDIT_ANALYST)
    case, actor = factories.case(), deputy(colleague, principal, Role.LOAN_OFFICER)
    lead = people.actor_for(people.staff(Role.TEAM_LEAD))
    assert case in cases_visible_to(actor).rows
    handle = {"deputy": colleague, "principal": principal}[who].handle
    case_block(actor=lead, case=case, handle=handle, reason="cousin of the owner")
    assert case not in cases_visible_to(actor).rows
    assert not can(actor, Permission.CASE_VIEW, case)
    with pytest.raises(NotVisible):
        step(actor=actor, case=case, event=Event.SUBMIT)


def test_what_was_shared_with_the_deputy_is_not_reached_with_anothers_right() -> None:
    here, there = people.branch("JN"), people.branch("QD")
    principal, colleague = factories.worker(branch=here), factories.worker(Role.CREDIT_ANALYST, here)
    case = factories.case(branch=there)
    lead = people.actor_for(people.staff(Role.TEAM_LEAD, there))
    case_share(actor=lead, case=case, handle=colleague.handle, until=clock.today(), reason="helps out")
    assert can(people.actor_for(colleague), Permission.CASE_VIEW, case)
    actor = deputy(colleague, principal, Role.LOAN_OFFICER)
    assert not can(actor, Permission.CASE_VIEW, case)
    assert case not in cases_visible_to(actor).rows


def test_a_deputy_works_on_what_the_principal_holds() -> None:
    principal, colleague = factories.worker(), factories.worker(Role.CREDIT_ANALYST)
    case, actor = factories.submitted(principal), deputy(colleague, principal, Role.LOAN_OFFICER)
    assert registry.guards["holder"].check(case, actor, {}) == []
    assert registry.guards["holder"].check(case, people.actor_for(colleague), {}) != []


@pytest.mark.parametrize(("most", "may"), [(1_200_000, True), (1_199_999, False), (None, False)])
def test_an_approval_reaches_no_further_than_the_amount_handed_over(most: int | None, may: bool) -> None:
    analyst = factories.worker(Role.CREDIT_ANALYST)
    case = factories.moved(factories.reviewed(factories.worker(), analyst), Event.RECOMMEND_UNSECURED, analyst)
    principal, colleague = factories.worker(Role.APPROVER_1), factories.worker(Role.APPROVER_2)
    actor = deputy(colleague, principal, Role.APPROVER_1, Decimal(5_000_000))
    actor = dataclasses.replace(actor, most=None if most is None else Decimal(most))
    if may:
        assert step(actor=actor, case=case, event=Event.SIGN_LAST).state == State.OFFERED
        assert duties(case, principal) == duties(case, colleague) == {Duty.APPROVES}
        return
    with pytest.raises(Refused) as refused:
        step(actor=actor, case=case, event=Event.SIGN_LAST)
    assert refused.value.guard == "limit"


def test_an_approval_in_another_currency_is_not_reached_by_what_was_handed_over() -> None:
    analyst = factories.worker(Role.CREDIT_ANALYST)
    case = factories.moved(factories.reviewed(factories.worker(), analyst), Event.RECOMMEND_UNSECURED, analyst)
    principal, colleague = factories.worker(Role.APPROVER_1), factories.worker(Role.APPROVER_2)
    actor = deputy(colleague, principal, Role.APPROVER_1, Decimal(5_000_000))
    row = process.find(case.state, Event.SIGN_LAST)
    assert row is not None
    checks.check_limit(case, row, actor)
    case.currency = "JPY"
    with pytest.raises(Refused) as refused:
        checks.check_limit(case, row, actor)
    assert refused.value.guard == "limit"


def test_who_was_stood_in_for_while_signing_is_known_to_have_signed() -> None:
    analyst = factories.worker(Role.CREDIT_ANALYST)
    case = factories.moved(factories.reviewed(factories.worker(), analyst), Event.RECOMMEND_UNSECURED, analyst)
    principal, colleague = factories.worker(Role.APPROVER_1), factories.worker(Role.APPROVER_2)
    before = clock.now()
    case = step(actor=deputy(colleague, principal, Role.APPROVER_1, Decimal(5_000_000)), case=case, event=Event.SIGN)
    for person_id, known in ((principal.person_id, True), (colleague.person_id, False)):
        assert acted_through_deputy(case, [Event.SIGN], [person_id], before) is known
    assert not acted_through_deputy(case, [Event.SIGN], [principal.person_id], clock.now())

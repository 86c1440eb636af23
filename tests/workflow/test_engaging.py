"""Audit engagements: two people make one, it ends by itself, and a role bound to it reads what it names and nothing else."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction

from apps.access.actors import actor_of
from apps.access.models import RoleGrant
from apps.access.roles import Role
from apps.access.selectors import accounts_who_can
from apps.access.services import can, role_found, role_grant, role_revoke
from apps.accounts.models import Account
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers.selectors import borrowers_found
from apps.core import clock
from apps.core.errors import BadInput, Refused, StepUpNeeded
from apps.core.permissions import Permission
from apps.disbursement.selectors.payments import payments_visible_to
from apps.post_loan.selectors.loans import loans_visible_to
from apps.workflow.models import Engagement, LoanCase
from apps.workflow.selectors.engagements import engagement_get, engagements_of
from apps.workflow.selectors.lists import cases_visible_to
from apps.workflow.services.engaging import (
    LONGEST,
    Plan,
    engagement_agree,
    engagement_ask,
    engagement_end,
    engagement_reject,
)
from apps.workflow.services.sharing import case_share
from tests.accounts import factories as people
from tests.accounts.log import newest
from tests.workflow import factories
from tests.workflow.engagements import asked, bound_auditor, engaged

pytestmark = pytest.mark.django_db
VIEW = Permission.CASE_VIEW


@pytest.fixture
def auditor() -> Account:
    """An external auditor."""
    return bound_auditor()


@pytest.fixture
def cases(auditor: Account) -> dict[str, LoanCase]:
    """Cases of a branch, of one below it, of another one, and a second one of the first case's borrower elsewhere."""
    near, far = people.branch("NEAR"), people.branch("FAR")
    below = people.branch("BELOW", parent=near)
    found = {name: factories.case(branch=branch) for name, branch in (("near", near), ("below", below), ("far", far))}
    return {**found, "again": factories.case(branch=far, borrower=found["near"].borrower)}


def seen(auditor: Account, cases: dict[str, LoanCase]) -> set[str]:
    """Names of the cases an auditor sees: by the list and one by one alike, and their borrowers' list never beyond."""
    actor = actor_of(auditor)
    listed = {row.pk for row in cases_visible_to(actor).rows}
    one_by_one = {case.pk for case in cases.values() if can(actor, VIEW, case).allowed}
    assert listed == one_by_one
    reached = {
        case.borrower_id for case in cases.values() if can(actor, Permission.BORROWER_VIEW, case.borrower).allowed
    }
    assert {row.id for row in borrowers_found(actor).rows} == reached
    return {name for name, case in cases.items() if case.pk in listed}


BOUNDS: list[tuple[Any, set[str]]] = [
    (lambda cases: {"branches": [cases["near"].branch]}, {"near", "below"}),
    (lambda cases: {"branches": [cases["far"].branch]}, {"far", "again"}),
    (lambda cases: {"cases": [cases["below"].number]}, {"below"}),
    (lambda cases: {"borrowers": [cases["near"].borrower_id]}, {"near", "again"}),
    (lambda cases: {"branches": [cases["below"].branch], "cases": [cases["again"].number]}, {"below", "again"}),
    (lambda cases: {"branches": [cases["near"].branch], "borrowers": [cases["near"].borrower_id]}, {"near", "below", "again"}),
]  # fmt: skip


@pytest.mark.parametrize(("bounds", "expected"), BOUNDS)
def test_a_bound_role_reaches_what_the_engagement_names(
    auditor: Account, cases: dict[str, LoanCase], bounds: Any, expected: set[str]
) -> None:
    assert seen(auditor, cases) == set()
    engagement = engaged(auditor, **bounds(cases))
    assert seen(auditor, cases) == expected
    actor = actor_of(auditor)
    assert not payments_visible_to(actor).rows
    assert not loans_visible_to(actor).rows
    with time_machine.travel(engagement.ends_at + dt.timedelta(seconds=1), tick=False):
        assert seen(auditor, cases) == set()


def test_without_an_engagement_in_force_the_role_is_not_held_at_all(
    auditor: Account, cases: dict[str, LoanCase]
) -> None:
    assert actor_of(auditor).held == ()
    waiting = asked(auditor, cases=[cases["near"].number])
    assert actor_of(auditor).held == ()
    second = people.actor_for(people.staff(Role.COMPLIANCE_OFFICER))
    engagement_agree(actor=second, engagement=waiting)
    assert actor_of(auditor).role_names == {Role.AUDITOR}
    engagement_end(actor=second, engagement=waiting)
    assert actor_of(auditor).held == ()
    assert newest(Tag.ENGAGEMENT_ENDED)["subject"]["object"].endswith(f":{waiting.pk}")


def test_engagements_add_up(auditor: Account, cases: dict[str, LoanCase]) -> None:
    engaged(auditor, cases=[cases["near"].number])
    engaged(auditor, cases=[cases["far"].number])
    assert seen(auditor, cases) == {"near", "far"}


def test_a_share_does_not_widen_a_bound_role(auditor: Account, cases: dict[str, LoanCase]) -> None:
    engaged(auditor, cases=[cases["near"].number])
    lead = people.actor_for(people.staff(Role.TEAM_LEAD))
    with pytest.raises(BadInput, match="engagement"):
        case_share(actor=lead, case=cases["far"], handle=auditor.handle, until=clock.today(), reason="helps out")


def test_a_share_given_before_the_role_was_bound_shows_nothing(cases: dict[str, LoanCase]) -> None:
    member = people.staff(Role.AUDITOR, cases["near"].branch)
    lead = people.actor_for(people.staff(Role.TEAM_LEAD))
    case_share(actor=lead, case=cases["far"], handle=member.handle, until=clock.today(), reason="helps out")
    assert "far" in seen(member, cases)
    other = bound_auditor()
    share = member.loancaseuserobjectpermission_set.get()
    share.user = other
    with act(actor=lead):
        share.save()
        record(Tag.OBJECT_GRANTED, actor=lead, subject=cases["far"])
    engaged(other, cases=[cases["near"].number])
    assert seen(other, cases) == {"near"}


def test_who_made_it_and_its_auditors_do_not_agree(auditor: Account, cases: dict[str, LoanCase]) -> None:
    maker = people.actor_for(people.staff(Role.AUDITOR))
    plan = Plan(auditors=[auditor.handle], purpose="Yearly audit", ends=clock.today(), cases=[cases["near"].number])
    made = engagement_ask(actor=maker, plan=plan)
    with pytest.raises(Refused, match="yourself"):
        engagement_agree(actor=maker, engagement=made)
    role_found(actor=people.SETUP, person=auditor.person, role=Role.COMPLIANCE_OFFICER, branch=None, reason="x")
    with pytest.raises(Refused, match="one of its auditors"):
        engagement_agree(actor=people.actor_for(auditor), engagement=made)
    with pytest.raises(IntegrityError), transaction.atomic():
        Engagement._base_manager.filter(pk=made.pk).update(agreed_by=made.asked_by, agreed_at=clock.now())
    told = newest(Tag.ENGAGEMENT_ASKED)
    assert told["note"]["cases"] == [cases["near"].number]
    assert told["note"]["auditors"] == [auditor.handle]
    assert "Yearly audit" not in str(told)


def test_only_a_whole_unbound_role_with_a_fresh_factor_makes_one(auditor: Account, cases: dict[str, LoanCase]) -> None:
    plan = Plan(auditors=[auditor.handle], purpose="Yearly audit", ends=clock.today(), cases=[cases["near"].number])
    with pytest.raises(StepUpNeeded):
        engagement_ask(actor=people.actor_for(people.staff(Role.AUDITOR), fresh=False), plan=plan)
    engaged(auditor, cases=[cases["far"].number])
    for account in (people.staff(Role.AUDITOR, cases["near"].branch), auditor, people.staff(Role.TEAM_LEAD)):
        with pytest.raises(Refused):
            engagement_ask(actor=people.actor_for(account), plan=plan)


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("auditors", {"auditors": ["nobody"]}),
    ("auditors", {"auditors": []}),
    ("branches", {"cases": []}),
    ("cases", {"cases": ["LF-2026-999999"]}),
    ("borrowers", {"borrowers": [10**15]}),
    ("until", {"since": dt.date(2026, 2, 2), "until": dt.date(2026, 2, 1)}),
    ("ends", {"ends": dt.date(2020, 1, 1)}),
    ("ends", {"ends": dt.date(2199, 1, 1)}),
    ("purpose", {"purpose": " "}),
]


@pytest.mark.parametrize(("field", "wrong"), WRONG)
def test_what_cannot_be_is_said_beside_its_field(
    auditor: Account, cases: dict[str, LoanCase], field: str, wrong: dict[str, Any]
) -> None:
    given = {
        "auditors": [auditor.handle],
        "purpose": "Yearly audit",
        "ends": clock.today(),
        "cases": [cases["near"].number],
    }
    with pytest.raises(BadInput) as refused:
        engagement_ask(actor=people.actor_for(people.staff(Role.AUDITOR)), plan=Plan(**{**given, **wrong}))
    assert list(refused.value.errors) == [field]
    assert not Engagement.objects.exists()
    assert LONGEST == 366


def test_one_whose_role_is_not_bound_is_no_auditor_of_an_engagement(cases: dict[str, LoanCase]) -> None:
    own = people.staff(Role.AUDITOR)
    plan = Plan(auditors=[own.handle], purpose="Yearly audit", ends=clock.today(), cases=[cases["near"].number])
    with pytest.raises(BadInput, match="bound"):
        engagement_ask(actor=people.actor_for(people.staff(Role.AUDITOR)), plan=plan)


def test_a_rejected_one_never_counts(auditor: Account, cases: dict[str, LoanCase]) -> None:
    made = asked(auditor, cases=[cases["near"].number])
    second = people.actor_for(people.staff(Role.COMPLIANCE_OFFICER))
    engagement_reject(actor=second, engagement=made)
    with pytest.raises(BadInput, match="no longer waits"):
        engagement_agree(actor=second, engagement=made)
    assert newest(Tag.ENGAGEMENT_REJECTED)["name"] == second.name
    assert engagement_end(actor=second, engagement=made).agreed_at is None


def test_auditors_know_their_own_engagements_only(auditor: Account, cases: dict[str, LoanCase]) -> None:
    mine = engaged(auditor, cases=[cases["near"].number])
    engaged(bound_auditor(), cases=[cases["far"].number])
    assert [each.row.pk for each in engagements_of(actor_of(auditor))] == [mine.pk]
    assert len(engagements_of(people.actor_for(people.staff(Role.COMPLIANCE_OFFICER)))) == 2
    with pytest.raises(Refused):
        engagement_get(actor_of(auditor), mine.uuid)


def test_only_an_auditors_role_over_all_branches_can_be_bound(auditor: Account) -> None:
    admin = people.actor_for(people.staff(Role.ADMINISTRATOR))
    person = people.account().person
    for role, branch in ((Role.LOAN_OFFICER, None), (Role.AUDITOR, people.branch("NEAR"))):
        with pytest.raises(BadInput) as refused:
            role_grant(actor=admin, person=person, role=role, branch=branch, reason="x", bound=True)
        assert list(refused.value.errors) == ["bound"]
    grant = role_grant(actor=admin, person=person, role=Role.AUDITOR, branch=None, reason="x", bound=True)
    assert (grant.by_engagement, grant.where_words, newest(Tag.ROLE_ASKED)["note"]["bound"]) == (
        True, "within engagements", True,
    )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        type(grant)._base_manager.filter(pk=grant.pk).update(role=Role.TEAM_LEAD)


def test_a_bound_auditor_is_no_reader_of_a_branch(auditor: Account, cases: dict[str, LoanCase]) -> None:
    engaged(auditor, branches=[cases["near"].branch])
    assert auditor not in accounts_who_can(VIEW, cases["near"].branch_id)


def test_what_nobody_has_agreed_to_lapses(auditor: Account, cases: dict[str, LoanCase]) -> None:
    waiting = asked(auditor, cases=[cases["near"].number])
    second = people.staff(Role.COMPLIANCE_OFFICER)
    with clock.at(clock.now() + dt.timedelta(days=13, hours=23)):
        assert waiting.is_waiting
    with clock.at(clock.now() + dt.timedelta(days=14, minutes=1)):
        assert (waiting.is_waiting, waiting.has_lapsed) == (False, True)
        for answer in (engagement_agree, engagement_reject):
            with pytest.raises(BadInput, match="no longer waits"):
                answer(actor=people.actor_for(second), engagement=waiting)


def _role_ended(maker: Account) -> None:
    for grant in RoleGrant.objects.filter(person=maker.person):
        role_revoke(actor=people.SETUP, grant=grant, reason="left")


def _suspended(maker: Account) -> None:
    Account._base_manager.filter(pk=maker.pk).update(is_active=False)


@pytest.mark.unrecorded
@pytest.mark.parametrize("loses", [_role_ended, _suspended])
def test_who_made_it_must_still_be_somebody_who_may(auditor: Account, cases: dict[str, LoanCase], loses: Any) -> None:
    waiting = asked(auditor, cases=[cases["near"].number])
    loses(Account.objects.get(person_id=waiting.asked_by_id))
    second = people.actor_for(people.staff(Role.COMPLIANCE_OFFICER))
    with pytest.raises(Refused, match="made anew"):
        engagement_agree(actor=second, engagement=waiting)
    assert engagement_reject(actor=second, engagement=waiting).is_over

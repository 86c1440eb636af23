"""Exceptions of scope: who may share a case or keep somebody off it, with what end, and what it changes."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.actors import actor_of
from apps.access.roles import Role
from apps.access.services import can
from apps.accounts.models import Account
from apps.audit.models import AuditEvent
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible, Refused
from apps.core.permissions import Permission
from apps.workflow.models import CaseBlock, LoanCase, LoanCaseUserObjectPermission
from apps.workflow.selectors.lists import CaseFilter, cases_visible_to
from apps.workflow.services import sharing
from apps.workflow.services.sharing import LONGEST, case_block, case_share, case_share_end, case_unblock
from tests.accounts import factories as people
from tests.workflow import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("smooth")]
VIEW = Permission.CASE_VIEW


@pytest.fixture
def officer() -> Account:
    """A loan officer of head office, who makes the case."""
    return factories.worker()


@pytest.fixture
def case(officer: Account) -> LoanCase:
    """A submitted case of head office."""
    return factories.submitted(officer)


@pytest.fixture
def lead(officer: Account) -> Actor:
    """The team lead of head office."""
    return actor_of(factories.worker(Role.TEAM_LEAD))


@pytest.fixture
def second() -> Account:
    """A colleague of head office who holds nothing."""
    return factories.worker()


@pytest.fixture
def far() -> Account:
    """An analyst of another branch."""
    return people.staff(Role.CREDIT_ANALYST, branch=people.branch("FAR"))


def until(days: int) -> dt.date:
    return clock.today() + dt.timedelta(days=days)


def sees(account: Account, case: LoanCase) -> bool:
    actor = actor_of(Account.objects.get(pk=account.pk))
    listed = case.pk in {row.pk for row in cases_visible_to(actor, CaseFilter()).rows}
    assert listed == can(actor, VIEW, case).allowed, "list and page agree"
    return listed


def newest() -> AuditEvent:
    return AuditEvent.objects.latest("id")


def test_a_shared_case_is_seen_until_its_day_ends_and_no_longer(lead: Actor, case: LoanCase, far: Account) -> None:
    assert not sees(far, case)
    case_share(actor=lead, case=case, handle=f" {far.handle.upper()} ", until=until(3), reason="knows the trade")
    assert newest().action == Tag.OBJECT_GRANTED
    assert sees(far, case)
    assert not can(actor_of(far), Permission.CREDIT_RECOMMEND, case).allowed
    with clock.at(clock.midnight(until(4)) - dt.timedelta(seconds=1)):
        assert sees(far, case)
    with clock.at(clock.midnight(until(4))):
        assert not sees(far, case)


def test_a_share_ends_at_once_and_a_second_end_is_no_event(lead: Actor, case: LoanCase, far: Account) -> None:
    row = case_share(actor=lead, case=case, handle=far.handle, until=until(0), reason="holiday")
    case_share_end(actor=lead, case=case, share=row.pk)
    assert (newest().action, sees(far, case)) == (Tag.OBJECT_GRANT_ENDED, False)
    last = newest().pk
    case_share_end(actor=lead, case=case, share=row.pk)
    assert newest().pk == last


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"until": -1}, "until"),
        ({"until": LONGEST + 1}, "until"),
        ({"reason": " x "}, "reason"),
        ({"handle": "nobody"}, "handle"),
    ],
)
def test_what_is_no_share_is_named_by_field(
    lead: Actor, case: LoanCase, far: Account, given: dict[str, object], field: str
) -> None:
    known = {"handle": far.handle, "reason": "helps out", "until": 1} | given
    with pytest.raises(BadInput) as refused:
        case_share(actor=lead, case=case, **{**known, "until": until(known["until"])})  # type: ignore[arg-type]
    assert set(refused.value.errors) == {field}
    assert not LoanCaseUserObjectPermission.objects.exists()


def test_nothing_is_shared_with_who_sees_it_already_works_on_no_case_or_is_kept_off(
    lead: Actor, case: LoanCase, far: Account, officer: Account
) -> None:
    idle = people.staff(Role.SECURITY_OFFICER)
    case_block(actor=lead, case=case, handle=far.handle, reason="cousin of the owner")
    for account, words in ((officer, "already"), (idle, "show them nothing"), (far, "conflict of interest")):
        with pytest.raises(BadInput, match=words):
            case_share(actor=lead, case=case, handle=account.handle, until=until(1), reason="helps out")


def test_nobody_is_given_more_shared_cases_than_their_lists_show(
    lead: Actor, case: LoanCase, far: Account, officer: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "MOST_SHARED", 1)
    first = case_share(actor=lead, case=case, handle=far.handle, until=until(1), reason="helps out")
    other = factories.submitted(officer)
    with pytest.raises(BadInput, match="1 cases are shared with this person already"):
        case_share(actor=lead, case=other, handle=far.handle, until=until(1), reason="helps out")
    case_share_end(actor=lead, case=case, share=first.pk)
    case_share(actor=lead, case=other, handle=far.handle, until=until(1), reason="helps out")
    assert (sees(far, case), sees(far, other)) == (False, True)


def test_who_is_kept_off_sees_nothing_until_the_block_is_lifted(lead: Actor, case: LoanCase, second: Account) -> None:
    block = case_block(actor=lead, case=case, handle=second.handle, reason="cousin of the owner")
    assert (newest().action, sees(second, case)) == (Tag.CONFLICT_BLOCKED, False)
    with pytest.raises(BadInput, match="already"):
        case_block(actor=lead, case=case, handle=second.handle, reason="again")
    case_unblock(actor=lead, case=case, block=block.pk)
    assert (newest().action, sees(second, case)) == (Tag.CONFLICT_LIFTED, True)


def test_a_holder_is_kept_off_only_after_a_reassignment_and_nobody_keeps_off_themselves(
    lead: Actor, case: LoanCase, officer: Account
) -> None:
    with pytest.raises(BadInput, match="Reassign it first"):
        case_block(actor=lead, case=case, handle=officer.handle, reason="cousin of the owner")
    with pytest.raises(BadInput, match="your own ties"):
        case_block(actor=lead, case=case, handle=lead.name, reason="cousin of the owner")
    assert not CaseBlock.objects.exists()


def test_only_leads_and_compliance_share_and_only_what_they_see(case: LoanCase, far: Account, second: Account) -> None:
    for role, refusal in ((Role.LOAN_OFFICER, Refused), (Role.AUDITOR, Refused), (Role.ADMINISTRATOR, Refused)):
        actor = actor_of(people.staff(role, branch=None if role != Role.LOAN_OFFICER else case.branch))
        with pytest.raises(refusal):
            case_share(actor=actor, case=case, handle=far.handle, until=until(1), reason="helps out")
    with pytest.raises(NotVisible):
        case_block(
            actor=actor_of(people.staff(Role.TEAM_LEAD, branch=far_branch())),
            case=case,
            handle=second.handle,
            reason="no reason",
        )
    compliance = actor_of(people.staff(Role.COMPLIANCE_OFFICER))
    assert case_block(actor=compliance, case=case, handle=second.handle, reason="cousin of the owner").pk


def far_branch() -> object:
    return people.branch("FAR2")


def test_the_pages_share_block_and_take_back(case: LoanCase, lead: Actor, far: Account, second: Account) -> None:
    seat = Client()
    people.signed_in(seat, Account.objects.get(pk=lead.account_id))
    page = reverse("workflow:access", args=[case.number])
    wrong = seat.post(
        reverse("workflow:share", args=[case.number]),
        {"handle": "nobody", "until": "2026-02-30", "reason": "kept words"},
    )
    assert wrong.status_code == 400
    assert "kept words" in wrong.content.decode()
    given = {"handle": far.handle, "until": until(2).isoformat(), "reason": "knows the trade"}
    assert seat.post(reverse("workflow:share", args=[case.number]), given)["Location"] == page
    assert "knows the trade" in seat.get(page).content.decode()
    share = LoanCaseUserObjectPermission.objects.get()
    seat.post(reverse("workflow:share_end", args=[case.number, share.pk]))
    seat.post(
        reverse("workflow:block", args=[case.number]),
        {**given, "handle": second.handle, "reason": "cousin of the owner"},
    )
    shown = seat.get(page).content.decode()
    assert ("knows the trade" in shown, "cousin of the owner" in shown) == (False, True)
    seat.post(reverse("workflow:unblock", args=[case.number, CaseBlock.objects.get().pk]))
    assert sees(second, case)

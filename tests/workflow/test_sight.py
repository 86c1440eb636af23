"""The page of who sees a case says what ``can()`` says, for everybody, with reasons and ends; and who may read it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.access.actors import actor_of
from apps.access.roles import ROLE_TABLE, Role
from apps.access.services import can, role_found
from apps.accounts.models import Account, AccountKind
from apps.audit.tags import Tag
from apps.borrowers.services import group_assign, tie_declare
from apps.core import clock
from apps.core.permissions import Permission
from apps.workflow.models import CaseBlock, LoanCase, LoanCaseUserObjectPermission
from apps.workflow.selectors.sharing import WhoSees, who_sees
from apps.workflow.services.sharing import LONGEST_BLOCK, case_block, case_share
from tests.accounts import factories as people
from tests.accounts.log import count, newest
from tests.borrowers import factories as businesses
from tests.workflow import factories
from tests.workflow.engagements import bound_auditor, engaged

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("smooth")]


@pytest.fixture
def case() -> LoanCase:
    """A case that is seen, shared, audited and kept from people, each for every reason there is."""
    near = people.branch("NEAR", parent=people.branch("TOP"))
    officer = people.staff(Role.LOAN_OFFICER, near, "holder")
    case = factories.submitted(officer, branch=near)
    lead = actor_of(people.staff(Role.TEAM_LEAD, near))
    _seen_by_role(near)
    far = people.branch("FAR")
    shared, idle = people.staff(Role.CREDIT_ANALYST, far, "shared"), people.staff(Role.CREDIT_ANALYST, far, "off")
    for each in (shared, idle):
        case_share(actor=lead, case=case, handle=each.handle, until=clock.today(), reason="knows the trade")
    case_block(actor=lead, case=case, handle=idle.handle, reason="cousin of the owner")
    _engagements(case)
    _ties(case, near)
    return case


def _seen_by_role(near: object) -> None:
    for role in (Role.APPROVER_1, Role.COMMITTEE_SECRETARY):
        people.staff(role, near)  # type: ignore[arg-type]
    both = people.staff(Role.CREDIT_ANALYST, None, "twice")
    role_found(actor=people.SETUP, person=both.person, role=Role.APPRAISER, branch=near, reason="x")  # type: ignore[arg-type]
    people.staff(Role.SECURITY_OFFICER)
    people.staff(Role.ADMINISTRATOR)
    people.staff(Role.LOAN_OFFICER, people.branch("OTHER"))


def _engagements(case: LoanCase) -> None:
    for handle, bounds in (
        ("by-case", {"cases": [case.number]}), ("by-branch", {"branches": [people.branch("TOP")]}),
        ("by-borrower", {"borrowers": [case.borrower_id]}), ("elsewhere", {"branches": [people.branch("FAR")]}),
    ):  # fmt: skip
        engaged(bound_auditor(handle), **bounds)
    bound_auditor("not-engaged")


def _ties(case: LoanCase, near: object) -> None:
    compliance = people.actor_for(people.staff(Role.COMPLIANCE_OFFICER, None, "compliance"))
    tied, near_tied = people.staff(Role.LOAN_OFFICER, near, "tied"), people.staff(Role.LOAN_OFFICER, near, "group-tied")  # type: ignore[arg-type]
    tie_declare(actor=compliance, borrower=case.borrower, person=tied.person, kind="relative")
    officer = people.actor_for(people.staff(Role.LOAN_OFFICER))
    member = businesses.borrower(officer, case.branch)
    group_assign(actor=officer, borrower=case.borrower, group=None, new_name="Songhua group")
    case.borrower.refresh_from_db()
    group_assign(actor=officer, borrower=member, group=case.borrower.group)
    tie_declare(actor=compliance, borrower=member, person=near_tied.person, kind="own")


def handles(shown: WhoSees) -> set[str]:
    """Everybody who sees the case, as the page says."""
    return {each.handle for part in (shown.by_role, shown.shared, shown.engaged) for each in part}


def test_the_page_says_what_is_so(case: LoanCase) -> None:
    case = LoanCase.objects.select_related("borrower__group", "branch").get(pk=case.pk)
    shown = who_sees(case)
    seeing = {
        account.handle
        for account in Account.objects.filter(kind=AccountKind.STAFF, is_active=True)
        if can(actor_of(account), Permission.CASE_VIEW, case).allowed
    }
    assert handles(shown) == seeing
    assert {each.handle for each in shown.shared} == {"shared"}
    assert {each.handle for each in shown.engaged} == {"by-case", "by-branch", "by-borrower"}
    assert {each.handle for each in shown.kept_off} == {"off", "tied", "group-tied"}
    assert not seeing & {each.handle for each in shown.kept_off}
    assert [each.handle for each in shown.by_role if each.holds] == ["holder"]
    (twice,) = (each for each in shown.by_role if each.handle == "twice")
    assert len(twice.reasons) == 2
    assert all(each.reasons and each.reasons[0].until for part in (shown.shared, shown.engaged) for each in part)
    assert not shown.more


def test_the_page_opens_for_those_who_answer_for_it_and_is_on_record(
    client: Client, case: LoanCase, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    page = reverse("workflow:access", args=[case.number])
    for role in (Role.TEAM_LEAD, Role.AUDITOR, Role.SECURITY_OFFICER, Role.COMPLIANCE_OFFICER):
        people.signed_in(client, people.staff(role))
        with django_assert_max_num_queries(40):
            answer = client.get(page)
        text = answer.content.decode()
        assert answer.status_code == 200, role
        assert "cousin of the owner" in text
        assert "knows the trade" in text
        assert "holds the case" in text
        assert (case.borrower.legal_name in text) == (Permission.CASE_VIEW in ROLE_TABLE[role])
    assert count(Tag.SIGHT_OPENED) == 4
    assert newest(Tag.SIGHT_OPENED)["case"] == case.number
    for role in (Role.LOAN_OFFICER, Role.ADMINISTRATOR):
        people.signed_in(client, people.staff(role))
        assert client.get(page).status_code == 403
    people.signed_in(client, people.staff(Role.TEAM_LEAD, people.branch("FAR")))
    assert client.get(page).status_code == 404


@pytest.mark.parametrize(
    ("role", "whole", "told"),
    [
        (Role.AUDITOR, True, True),
        (Role.COMPLIANCE_OFFICER, True, True),
        (Role.COMPLIANCE_OFFICER, False, False),
        (Role.TEAM_LEAD, True, False),
        (Role.HEAD_OF_CREDIT, True, False),
        (Role.SECURITY_OFFICER, True, False),
    ],
)
def test_who_is_audited_does_not_read_why_and_by_whom(
    client: Client, case: LoanCase, role: Role, whole: bool, told: bool
) -> None:
    people.signed_in(client, people.staff(role, None if whole else people.branch("NEAR")))
    text = client.get(reverse("workflow:access", args=[case.number])).content.decode()
    assert ("Yearly audit by Li" in text, "by-borrower" in text) == (told, told)
    assert ("Audit engagement" in text) == (not told)


def test_a_bound_auditor_reads_their_own_engagement(client: Client, case: LoanCase) -> None:
    people.signed_in(client, Account.objects.get(handle="by-case"))
    text = client.get(reverse("workflow:access", args=[case.number])).content.decode()
    assert ("by-case" in text, "by-branch" in text) == (True, False)


def test_everything_ends_by_itself(case: LoanCase) -> None:
    """Shares, engagements and blocks carry an end, and the page shows none of them after it."""
    assert not LoanCaseUserObjectPermission.objects.filter(ends_at=None).exists()
    assert not CaseBlock.objects.filter(ends_at=None).exists()
    case = LoanCase.objects.select_related("borrower__group", "branch").get(pk=case.pk)
    with clock.at(clock.now() + dt.timedelta(days=LONGEST_BLOCK + 2)):
        shown = who_sees(case)
        assert (shown.shared, shown.engaged) == ([], [])
        assert {each.handle for each in shown.kept_off} == {"tied", "group-tied"}
    assert newest(Tag.CONFLICT_BLOCKED)["note"]["until"]

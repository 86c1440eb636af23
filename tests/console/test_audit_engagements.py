"""The pages of audit engagements: one person makes one, another agrees, it ends; and what is typed wrong is said."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.accounts.models import Account
from apps.audit.tags import Tag
from apps.core import clock
from apps.workflow.models import Engagement, LoanCase
from tests.accounts import factories as people
from tests.accounts.log import count, newest
from tests.workflow import factories
from tests.workflow.engagements import bound_auditor

pytestmark = pytest.mark.django_db
LIST, NEW = reverse("console:engagements"), reverse("console:engagement_new")


def seat(role: str, branch: Any = None, *, owner: Account | None = None) -> Client:
    """A signed-in browser."""
    client = Client()
    people.signed_in(client, owner or people.staff(role, branch))
    return client


@pytest.fixture
def case() -> LoanCase:
    """A case."""
    return factories.case()


@pytest.fixture
def typed(case: LoanCase) -> dict[str, Any]:
    """What the form is sent with."""
    bound_auditor("outside")
    ends = clock.today() + dt.timedelta(days=20)
    return {
        "auditors": "outside", "cases": f"{case.number.lower()} ,", "borrowers": str(case.borrower_id),
        "branches": [str(case.branch_id)], "ends": ends.isoformat(), "purpose": "Yearly audit by Li & Partners",
    }  # fmt: skip


def test_one_makes_it_another_agrees_and_it_is_ended(typed: dict[str, Any], case: LoanCase) -> None:
    maker, second = seat(Role.AUDITOR), seat(Role.COMPLIANCE_OFFICER)
    assert "There is no audit engagement" in maker.get(LIST).content.decode()
    assert maker.post(NEW, typed)["Location"] == LIST
    row = Engagement.objects.get()
    agree, end = (reverse(f"console:engagement_{name}", args=[row.uuid]) for name in ("agree", "end"))
    own = maker.get(LIST).content.decode()
    assert "waits for a second person" in own
    assert agree not in own
    assert maker.post(agree).status_code == 403
    shown = second.get(agree).content.decode()
    assert "Li &amp; Partners" in shown
    assert case.number in shown
    assert "outside" in shown
    assert second.post(agree).status_code == 302
    assert "in force" in second.get(LIST).content.decode()
    assert second.post(end).status_code == 302
    assert "over" in second.get(LIST).content.decode()
    assert [count(tag) for tag in (Tag.ENGAGEMENT_ASKED, Tag.ENGAGEMENT_ENDED)] == [1, 1]
    assert count(Tag.ENGAGEMENT_AGREED, "done") == 1
    assert newest(Tag.ENGAGEMENTS_LISTED)["note"]["shown"] == 1


def test_one_that_waits_is_rejected_on_the_same_page(typed: dict[str, Any]) -> None:
    maker = seat(Role.AUDITOR)
    maker.post(NEW, typed)
    end = reverse("console:engagement_end", args=[Engagement.objects.get().uuid])
    assert maker.post(end).status_code == 302
    assert "rejected" in maker.get(LIST).content.decode()
    assert count(Tag.ENGAGEMENT_REJECTED) == 1


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("auditors", "nobody-1", "no such colleague"), ("cases", "LF-2026-999999", "nothing of this name"),
        ("borrowers", "abc", "by their numbers"), ("ends", "2020-01-01", "at most"), ("purpose", "", "required"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    typed: dict[str, Any], field: str, value: str, words: str
) -> None:
    answer = seat(Role.AUDITOR).post(NEW, {**typed, field: value})
    text = answer.content.decode()
    assert answer.status_code == 400
    assert words in text
    assert field == "purpose" or "Li &amp; Partners" in text
    assert not Engagement.objects.exists()


def test_readers_of_one_branch_make_none_and_are_told_who_can(typed: dict[str, Any]) -> None:
    near = seat(Role.AUDITOR, people.branch("NEAR"))
    answer = near.get(NEW)
    assert answer.status_code == 403
    assert "over all branches" in answer.content.decode()
    assert near.get(LIST).status_code == 403
    assert LIST not in near.get(reverse("console:audit")).content.decode()
    assert LIST in seat(Role.AUDITOR).get(reverse("console:audit")).content.decode()
    for role in (Role.TEAM_LEAD, Role.SECURITY_OFFICER, Role.ADMINISTRATOR):
        assert seat(role).get(LIST).status_code == 403


def test_administrators_bind_a_role_on_the_form(typed: dict[str, Any]) -> None:
    person = people.account(handle="newcomer")
    admin = seat(Role.ADMINISTRATOR)
    page = reverse("console:role_grant", args=["newcomer"])
    given = {"role": "auditor", "branch": "", "ends": "", "bound": "on", "reason": "external audit"}
    assert admin.post(page, {**given, "branch": people.branch("NEAR").pk}).status_code == 400
    assert admin.post(page, given).status_code == 302
    assert person.person.role_grants.get().by_engagement
    assert "within engagements" in admin.get(reverse("console:person", args=["newcomer"])).content.decode()

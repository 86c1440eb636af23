"""The people, branches and matrix pages, as an administrator uses them."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from apps.access.roles import ROLE_TABLE, Role
from apps.access.selectors import grants_live, grants_waiting
from apps.access.services import role_grant
from apps.accounts.models import Account, Branch
from apps.accounts.services import lockout
from apps.audit.tags import Tag
from apps.console import people_matrix
from apps.core import clock
from apps.core.actor import Actor
from apps.core.permissions import Permission
from tests.accounts import factories
from tests.accounts.log import count, newest

pytestmark = pytest.mark.django_db
PEOPLE = reverse("console:people")


@pytest.fixture
def admin(client: Client) -> Client:
    """Sign an administrator in; there is a second one."""
    factories.staff(Role.ADMINISTRATOR, handle="admin-8")
    factories.signed_in(client, factories.staff(Role.ADMINISTRATOR, handle="admin-9"))
    return client


def page(client: Client, address: str) -> str:
    """Text of a page that opens."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def at(name: str, *arguments: Any) -> str:
    """Address of a console page."""
    return reverse(f"console:{name}", args=arguments)


def test_the_list_shows_state_role_and_branch_and_masks_names(admin: Client) -> None:
    factories.staff(Role.APPRAISER, factories.branch("JN", name="Jinan"), handle="appraiser-3")
    text = page(admin, PEOPLE)
    assert "appraiser-3" in text
    assert "Collateral appraiser · Jinan" in text
    assert not re.search(r"Person \d", text)
    assert newest(Tag.PEOPLE_LISTED)["kind"] == "read"


@pytest.mark.parametrize(
    ("query", "seen"),
    [("q=apprai", {"appraiser-3"}), ("role=auditor", {"auditor-1"}), ("q=nobody", set()), ("role=nonsense", None)],
)
def test_the_list_is_narrowed(admin: Client, query: str, seen: set[str] | None) -> None:
    factories.staff(Role.APPRAISER, handle="appraiser-3")
    factories.staff(Role.AUDITOR, handle="auditor-1")
    found = set(re.findall(r'data-row-link href="/people/([a-z0-9-]+)/"', page(admin, f"{PEOPLE}?{query}")))
    assert seen is None or found == seen


def test_the_list_is_narrowed_to_a_branch(admin: Client) -> None:
    jinan = factories.branch("JN")
    factories.staff(Role.APPRAISER, jinan, handle="appraiser-3")
    found = re.findall(r'data-row-link href="/people/([a-z0-9-]+)/"', page(admin, f"{PEOPLE}?branch={jinan.pk}"))
    assert found == ["appraiser-3"]


def test_the_list_costs_the_same_for_three_people_and_for_twelve(
    admin: Client, django_assert_max_num_queries: Any
) -> None:
    for _each in range(12):
        factories.staff(Role.APPRAISER, factories.branch("JN"))
    with django_assert_max_num_queries(22):
        page(admin, PEOPLE)


def test_pages_follow_one_another(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.access.directory.PAGE", 2)
    factories.staff(handle="zz-last")
    first = page(admin, PEOPLE)
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following is not None
    assert "zz-last" in page(admin, PEOPLE + following.group(1))
    assert "admin-8" in page(admin, f"{PEOPLE}?cursor=nonsense")


INVITE = {
    "handle": "officer-77", "name": "Li Wei", "email": "li.wei@example.test", "phone": "", "language": "zh-hans",
    "roles": ["loan_officer", "team_lead"], "reason": "new colleague", "branch": "",
}  # fmt: skip


def test_a_colleague_is_invited_with_roles_and_the_link_goes_by_mail_alone(
    admin: Client, django_capture_on_commit_callbacks: Any
) -> None:
    jinan = factories.branch("JN")
    with django_capture_on_commit_callbacks(execute=True):
        answer = admin.post(at("person_invite"), {**INVITE, "branch": jinan.pk}, follow=True)
    link = re.search(r"http://testserver(/account/invitation/\S+)", mail.outbox[-1].body)
    assert link is not None
    token = link.group(1).split("/")[3]
    shown = answer.content.decode()
    assert "on its way to the person by e-mail" in shown
    assert token not in shown + page(admin, at("person", "officer-77"))
    assert Client().get(link.group(1)).status_code == 200
    made = Account.objects.get(handle="officer-77")
    assert set(grants_live().filter(person=made.person).values_list("role", "branch")) == {("loan_officer", jinan.pk)}
    assert list(grants_waiting().values_list("role", flat=True)) == ["team_lead"]


def test_a_new_link_is_not_shown_to_the_administrator_either(
    admin: Client, django_capture_on_commit_callbacks: Any
) -> None:
    factories.staff(handle="officer-5")
    with django_capture_on_commit_callbacks(execute=True):
        answer = admin.post(at("person_reinvite", "officer-5"), follow=True)
    assert "/account/invitation/" in mail.outbox[-1].body
    assert "/account/invitation/" not in answer.content.decode()


def test_a_powerful_role_is_asked_for_on_one_page_and_approved_by_another_administrator(
    admin: Client, client: Client
) -> None:
    officer = factories.staff(handle="officer-5")
    assert "Payment maker" in page(admin, at("role_grant", "officer-5"))  # says which roles wait
    admin.post(at("role_grant", "officer-5"), {"role": "payment_maker", "branch": "", "reason": "cover"})
    grant = grants_waiting().get()
    assert "waits until others agree" in page(admin, at("person", "officer-5"))
    own = admin.post(at("grant_approve", grant.uuid))
    assert own.status_code == 403
    assert "Another administrator must approve it" in own.content.decode()
    other = Client()
    factories.signed_in(other, Account.objects.get(handle="admin-8"))
    listed = page(other, at("grants"))
    assert "officer-5" in listed
    assert "admin-9" in listed
    assert "cover" in page(other, at("grant_approve", grant.uuid))
    assert other.post(at("grant_approve", grant.uuid)).url == at("grants")
    assert "payment_maker" in factories.actor_for(officer).role_names
    assert "No role waits" in page(other, at("grants"))
    assert other.post(at("grant_approve", grant.uuid)).status_code == 404


def test_a_role_that_waits_is_rejected_with_a_reason(admin: Client) -> None:
    factories.staff(handle="officer-5")
    admin.post(at("role_grant", "officer-5"), {"role": "auditor", "branch": "", "reason": "cover"})
    grant = grants_waiting().get()
    assert admin.post(at("grant_reject", grant.uuid), {"reason": ""}).status_code == 400
    assert admin.post(at("grant_reject", grant.uuid), {"reason": "mistake"}).url == at("grants")
    assert "rejected" in page(admin, at("person", "officer-5"))


def test_approving_asks_for_a_fresh_factor(admin: Client) -> None:
    factories.staff(handle="officer-5")
    admin.post(at("role_grant", "officer-5"), {"role": "auditor", "branch": "", "reason": "cover"})
    grant = grants_waiting().get()
    with clock.at(clock.now() + dt.timedelta(minutes=6)):
        for name in ("grant_approve", "grant_reject"):
            assert admin.get(at(name, grant.uuid)).url.startswith("/account/step-up/")


def test_the_link_is_mailed_in_the_persons_language(admin: Client, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        admin.post(at("person_invite"), INVITE)
    assert mail.outbox[-1].to == ["li.wei@example.test"]
    assert "/account/invitation/" in mail.outbox[-1].body


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"handle": ""}, 400, "required"),
        ({"handle": "admin-8"}, 400, "taken"),
        ({"email": "nonsense"}, 400, "valid email"),
        ({"roles": []}, 400, "required"),
        ({"roles": ["borrower"]}, 400, "valid choice"),
        ({"roles": ["administrator", "approver_1"]}, 403, "neither approves nor pays"),
        ({"name": "a\x00b"}, 400, "cannot be stored"),
        ({"branch": "9999"}, 400, "valid choice"),
        ({"reason": ""}, 400, "required"),
    ],
)
def test_bad_invitations_are_sent_back_with_what_was_typed(
    admin: Client, changes: dict[str, Any], status: int, words: str
) -> None:
    answer = admin.post(at("person_invite"), {**INVITE, **changes})
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert "new colleague" in answer.content.decode() or changes.get("reason") == ""
    assert not Account.objects.filter(handle="officer-77").exists()


def test_inviting_asks_for_a_fresh_factor_and_keeps_the_form(admin: Client) -> None:
    with clock.at(clock.now() + dt.timedelta(minutes=6)):
        assert admin.get(at("person_invite")).url.startswith("/account/step-up/")
        asked = admin.post(at("person_invite"), INVITE)
        assert asked.status_code == 403
        assert 'name="email" value="li.wei@example.test"' in asked.content.decode()
        code = factories.code_for(Account.objects.get(handle="admin-9"))
        assert admin.post(at("person_invite"), {**INVITE, "one_time_code": code}).status_code == 302
    assert Account.objects.filter(handle="officer-77").exists()


def test_one_persons_page_shows_roles_present_and_past(admin: Client) -> None:
    officer = factories.staff([Role.LOAN_OFFICER, Role.TEAM_LEAD], handle="officer-5")
    factories.staff(Role.TEAM_LEAD)  # the last one would keep the role
    given = grants_live().get(person=officer.person, role=Role.TEAM_LEAD)
    address = at("role_revoke", "officer-5", given.uuid)
    assert "Team lead" in page(admin, address)
    assert admin.post(address, {"reason": "moved"}).url == at("person", "officer-5")
    text = page(admin, at("person", "officer-5"))
    assert text.index("Roles that have ended") < text.index("Team lead · ")
    assert admin.post(address, {"reason": "again"}).status_code == 400


def test_a_role_is_granted_from_the_page(admin: Client) -> None:
    officer = factories.staff(handle="officer-5")
    address = at("role_grant", "officer-5")
    assert "Grant a role" in page(admin, address)
    ends = (clock.now() + dt.timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    answer = admin.post(address, {"role": "appraiser", "branch": "", "reason": "cover", "ends": ends})
    assert answer.url == at("person", "officer-5")
    assert grants_live().get(person=officer.person, role="appraiser").ends is not None
    assert admin.post(address, {"role": "appraiser", "branch": "", "reason": "cover"}).status_code == 400


def test_an_account_is_suspended_restored_unlocked_and_invited_again(admin: Client) -> None:
    officer = factories.staff(handle="officer-5")
    assert admin.post(at("person_suspend", "officer-5"), {"reason": ""}).status_code == 400
    assert admin.post(at("person_suspend", "officer-5"), {"reason": "left"}).status_code == 302
    assert "suspended" in page(admin, at("person", "officer-5"))
    assert "Restore" in page(admin, at("person_restore", "officer-5"))
    assert admin.post(at("person_restore", "officer-5"), {"reason": "back"}).status_code == 302
    for _each in range(5):
        lockout.attempt(Actor.anonymous(address="192.0.2.1"), officer, "password")
    assert "locked out" in page(admin, at("person", "officer-5"))
    assert "Unlock" in page(admin, at("person_unlock", "officer-5"))
    assert admin.post(at("person_unlock", "officer-5")).status_code == 302
    assert "locked out" not in page(admin, at("person", "officer-5"))
    assert "one-time link" in page(admin, at("person_reinvite", "officer-5"))
    assert admin.post(at("person_reinvite", "officer-5")).status_code == 302


def test_particulars_are_shown_for_a_purpose_on_record(admin: Client) -> None:
    factories.staff(handle="officer-5")
    address = at("person_particulars", "officer-5")
    assert "officer-5@example.test" not in page(admin, address)
    assert admin.post(address, {"purpose": ""}).status_code == 400
    before = count(Tag.REVEALED)
    shown = admin.post(address, {"purpose": "calls to verify the phone"})
    assert "officer-5@example.test" in shown.content.decode()
    assert count(Tag.REVEALED) == before + 1


@pytest.mark.parametrize("name", ["person", "person_suspend", "person_particulars", "role_grant"])
def test_unknown_people_and_borrowers_are_not_there(admin: Client, name: str) -> None:
    factories.borrower_account("songhua")
    for handle in ("nobody", "songhua", "%00", "x" * 200):
        assert admin.get(at(name, handle)).status_code == 404


def test_a_grant_of_somebody_else_is_not_there(admin: Client) -> None:
    factories.staff(handle="officer-5")
    other = factories.staff(handle="officer-6")
    given = grants_live().get(person=other.person)
    assert admin.post(at("role_revoke", "officer-5", given.uuid), {"reason": "x"}).status_code == 404


def test_branches_are_shown_as_a_tree_opened_and_changed(admin: Client) -> None:
    assert "No branches yet" in page(admin, at("branches"))
    assert admin.post(at("branch_add"), {"code": "HQ", "name": "Head office", "parent": ""}).status_code == 302
    head = Branch.objects.get(code="HQ")
    assert admin.post(at("branch_add"), {"code": "JN", "name": "Jinan", "parent": head.pk}).status_code == 302
    assert admin.post(at("branch_add"), {"code": "jn", "name": "Jinan", "parent": ""}).status_code == 400
    assert "Jinan" in page(admin, at("branch_edit", "JN"))
    assert admin.post(at("branch_edit", "JN"), {"name": "Jinan West", "parent": ""}).status_code == 302
    assert Branch.objects.get(code="JN").path == "JN/"
    assert admin.get(at("branch_edit", "XX")).status_code == 404
    assert "Jinan West" in page(admin, at("branches"))


def test_the_matrix_shows_the_role_table_cell_by_cell(client: Client) -> None:
    factories.signed_in(client, factories.staff(Role.AUDITOR))
    text = page(client, at("matrix"))
    for permission in Permission:
        assert permission.value in text
    rows = [row for group in people_matrix.groups().values() for row in group]
    assert len(rows) == len(Permission)
    for row in rows:
        held = {role for role, cell in zip(Role, row.cells, strict=True) if cell}
        assert held == {role for role in Role if Permission(row.permission) in ROLE_TABLE[role]}


def test_duties_are_drawn_as_the_rules_have_them() -> None:
    drawn = {
        (one.value, position): cell for one, cells in people_matrix.duty_rows() for position, cell in enumerate(cells)
    }
    assert list(drawn.values()).count("same") == 7
    assert list(drawn.values()).count("settable") == 2
    assert list(drawn.values()).count("excluded") == 40


def test_who_only_sees_people_changes_nobody(client: Client) -> None:
    factories.signed_in(client, factories.staff(Role.AUDITOR))
    factories.staff(handle="officer-5")
    assert page(client, at("person", "officer-5"))
    for name in ("person_suspend", "person_reinvite", "role_grant", "person_particulars"):
        assert client.post(at(name, "officer-5"), {"reason": "x"}).status_code == 403


@pytest.mark.parametrize(
    ("role", "open_to", "closed"),
    [
        (Role.ADMINISTRATOR, ("invite/", "suspend/", "roles/grant/"), ()),
        (Role.SECURITY_OFFICER, ("suspend/",), ("invite/", "particulars/", "roles/grant/")),
        (Role.AUDITOR, (), ("invite/", "suspend/", "particulars/", "roles/grant/")),
    ],
)
def test_who_sees_the_people_is_shown_no_button_that_is_closed(
    client: Client, role: Role, open_to: tuple[str, ...], closed: tuple[str, ...]
) -> None:
    factories.staff(Role.APPRAISER, handle="appraiser-3")
    factories.signed_in(client, factories.staff(role))
    text = page(client, PEOPLE) + page(client, at("person", "appraiser-3"))
    assert [each for each in open_to if each not in text] == []
    assert [each for each in closed if each in text] == []


@pytest.mark.parametrize(("role", "may"), [(Role.ADMINISTRATOR, True), (Role.AUDITOR, False)])
def test_a_waiting_role_is_decided_by_who_may(client: Client, role: Role, may: bool) -> None:
    waiting = factories.staff(Role.APPRAISER, handle="appraiser-3")
    asking = factories.actor_for(factories.staff(Role.ADMINISTRATOR))
    role_grant(actor=asking, person=waiting.person, role=Role.TEAM_LEAD, branch=None, reason="leads")
    factories.signed_in(client, factories.staff(role))
    assert ("/approve/" in page(client, at("grants"))) is may

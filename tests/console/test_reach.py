"""The page of who reaches what: drawn from the kept table, filtered by role, class and words; the same data as docs/matrix.md."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.access.roles import Role
from apps.console.reach import Address, as_json, kept, matching, read
from apps.console.reach_docs import as_markdown
from tests.accounts import factories


def browser(role: str = Role.AUDITOR) -> Client:
    """A signed-in browser."""
    client = Client()
    factories.signed_in(client, factories.staff(role))
    return client


@pytest.mark.django_db
def test_the_page_shows_a_roles_cells_and_narrows_them() -> None:
    client = browser()
    text = client.get("/matrix/reach/?role=payment_checker&q=payment").content.decode()
    assert "Payment checker" in text
    rows = text.partition("<tbody>")[2]
    assert "/payments/" in rows
    assert "/borrowers/" not in rows
    text = client.get("/matrix/reach/?role=loan_officer&kind=shared&reached=on").content.decode()
    assert "shared" in text
    assert "another branch" not in text.partition("<tbody>")[2]
    assert "No address fits" in client.get("/matrix/reach/?q=no-such-address").content.decode()


@pytest.mark.django_db
def test_it_goes_on_page_by_page_and_asks_the_database_nothing_about_the_table() -> None:
    client, seen, url = browser(), set(), "/matrix/reach/"
    client.get(url)
    while url:
        with CaptureQueriesContext(connection) as asked:
            text = client.get(url).content.decode()
        assert len(asked) <= 12
        rows = {line.split("<")[0] for line in text.split('<code class="text-break">')[1:]}
        assert not rows & seen
        seen |= rows
        url = (
            "/matrix/reach/" + text.partition('rel="next" href="')[2].partition('"')[0] if 'rel="next"' in text else ""
        )
    assert seen == {each.shown for each in kept().values()}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "status"), [(Role.SECURITY_OFFICER, 200), (Role.AUDITOR, 200), (Role.LOAN_OFFICER, 403)]
)
def test_those_who_watch_may_read_it(role: Role, status: int) -> None:
    assert browser(role).get("/matrix/reach/").status_code == status


def test_what_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory) -> None:
    address = Address("app:page", "/page/1/", ("workflow.view",), True, {"auditor": {"own": "on", "other": "hn"}})
    file = tmp_path_factory.mktemp("reach") / "reach.json"
    file.write_text(as_json({address.name: address}))
    assert read(file) == {address.name: address}


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/applications/nothing-1/facilities/999999999/", "/applications/…/facilities/…/"),
        ("/account/sessions/00000000-0000-0000-0000-000000000007/end/", "/account/sessions/…/end/"),
        ("/payments/nothing-1/contract/nothing-1.pdf", "/payments/…/contract/….pdf"),
        ("/portal/loans/nothing-1/statement.nothing-1", "/portal/loans/…/statement.…"),
        ("/applications/new/", "/applications/new/"),
    ],
)
def test_made_up_arguments_are_not_shown(path: str, shown: str) -> None:
    assert Address("app:page", path, (), False, {}).shown == shown


def test_filters_look_at_words_class_and_what_a_role_reaches() -> None:
    assert {each.name for each in matching(words="workflow.view", kind="own")} >= {"workflow:case"}
    reached = {each.name for each in matching(role="auditor", kind="own", reached=True)}
    assert "workflow:case" in reached
    assert "approval:sign" not in reached


def test_docs_name_every_address() -> None:
    text = as_markdown()
    assert all(f"`{each.path}`" in text for each in kept().values())

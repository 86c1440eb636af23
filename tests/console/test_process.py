"""The process page and the files of docs/: drawn from one table, so that they cannot drift."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.access.roles import Role, permissions_of
from apps.console.process_docs import as_markdown, as_svg
from apps.core.permission_words import GROUPS, WORDS
from apps.core.permissions import Permission
from apps.workflow.process import TABLE
from tests.accounts import factories as people
from tests.workflow import factories

DOCS = Path(settings.BASE_DIR) / "docs"
URL = reverse("console:process")


@pytest.mark.parametrize(("name", "text"), [("process.svg", as_svg), ("process.md", as_markdown)])
def test_the_documents_say_what_the_table_says(name: str, text: object) -> None:
    assert (DOCS / name).read_text() == text(), "run manage.py process_docs"  # type: ignore[operator]


def test_the_command_writes_both_files(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    out = StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "BASE_DIR", tmp_path)
        call_command("process_docs", stdout=out)
    assert out.getvalue().split() == ["docs/process.svg", "docs/process.md"]
    assert (tmp_path / "docs" / "process.md").read_text() == as_markdown()


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.LOAN_OFFICER, Role.AUDITOR, Role.ADMINISTRATOR])
def test_every_step_of_the_table_is_on_the_page(
    client: Client, role: Role, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    people.signed_in(client, factories.worker(role))
    client.get(URL)
    with django_assert_max_num_queries(10):
        text = client.get(URL).content.decode()
    for row in TABLE:
        assert f">{row.event.value}<" in text
    assert "process-picture" in text
    assert "Second factor at most five minutes old" in text


@pytest.mark.django_db
def test_the_readers_own_steps_stand_first_and_are_marked(client: Client) -> None:
    people.signed_in(client, factories.worker(Role.APPRAISER))
    page = client.get(URL)
    assert {line.name for line in page.context["own"]} >= {"confirm", "confirm_below", "claim"}
    assert not {"sign", "void", "offer_accept"} & {line.name for line in page.context["own"]}
    assert page.content.decode().count(">yours<") == len(page.context["own"])


@pytest.mark.django_db
@pytest.mark.parametrize("role", [role for role in Role if role != Role.BORROWER])
def test_every_member_of_staff_reads_who_may_do_what_in_words(client: Client, role: Role) -> None:
    people.signed_in(client, factories.worker(role))
    page = client.get(reverse("console:matrix"))
    assert page.status_code == 200
    assert len(page.context["may"]) == len(permissions_of([role]))


def test_every_permission_has_words_of_its_own() -> None:
    assert set(WORDS) == set(Permission)
    assert len({str(words) for words in WORDS.values()}) == len(WORDS)
    assert {permission.value.partition(".")[0] for permission in Permission} <= set(GROUPS)

"""The page of the proof: its figures and ways, its day, and a warning where the tables in use are others."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.console import proof
from tests.accounts import factories

pytestmark = pytest.mark.django_db


def page(client: Client, role: Role) -> str:
    """The page as a role sees it."""
    factories.signed_in(client, factories.staff(role))
    return client.get(reverse("console:proof")).content.decode()


def test_the_page_shows_the_numbers_the_day_and_the_way(client: Client) -> None:
    text = page(client, Role.AUDITOR)
    for words in (
        "People needed at the least",
        "goal: 4",
        "goal: 3",
        "A invites people who do not exist",
        "in force here",
    ):
        assert words in text
    assert "not those that were proved" not in text


def test_the_page_says_so_where_other_tables_are_in_use(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "digest", lambda: "0" * 64)
    assert "not those that were proved" in page(client, Role.AUDITOR)


def test_who_prepares_files_is_not_shown_the_weakest_way(client: Client) -> None:
    factories.signed_in(client, factories.staff(Role.LOAN_OFFICER))
    assert client.get(reverse("console:proof")).status_code == 403

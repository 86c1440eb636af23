"""The key service is away: lists go on, masked; what needs a value says so; nothing is written in clear."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.audit.mac import mac_key
from apps.borrowers.models import Borrower, Party
from apps.vault.keyring import keyring
from apps.vault.keyservice.current import forget_key_service
from tests.accounts import factories as people
from tests.walks.world import NEAR, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]
PHONE = "+8653188881234"


@pytest.fixture
def officer(world: World) -> Client:
    client = Client()
    people.signed_in(client, world.account(NEAR, Role.LOAN_OFFICER))
    return client


@pytest.fixture
def away(world: World, settings: Any, tmp_path: Path) -> Iterator[None]:
    """From now on no key comes; the process wrote before, so that its code key is at hand."""
    mac_key()
    settings.LOANFLOW_KEY_FILE = tmp_path / "gone" / "root.json"
    forget_key_service()
    keyring.clear()
    yield
    forget_key_service()
    keyring.clear()


@pytest.mark.parametrize(
    "name", ["console:home", "console:work", "workflow:cases", "borrowers:list", "console:notices", "post_loan:loans"]
)
def test_lists_go_on(officer: Client, away: None, name: str) -> None:
    assert officer.get(reverse(name)).status_code == 200


def test_a_borrowers_page_shows_dots(world: World, officer: Client, away: None) -> None:
    borrower = world.case("intake").borrower
    page = officer.get(reverse("borrowers:borrower", args=[borrower.pk]))
    assert page.status_code == 200
    assert "••••" in page.content.decode()


def test_what_needs_a_value_answers_that_a_part_is_away(world: World, officer: Client, away: None) -> None:
    borrower = world.case("intake").borrower
    address = reverse("borrowers:reveal", args=[borrower.pk, "business", borrower.pk, "identifier"])
    form = officer.get(address)
    purpose = form.context["form"].fields["purpose"].choices[0][0]
    page = officer.post(address, {"purpose": purpose})
    assert page.status_code == 503
    assert "is missing or cannot be read" in page.content.decode()


def test_nothing_is_written_in_clear_or_at_all(world: World, officer: Client, away: None) -> None:
    borrower = world.case("draft").borrower
    before = Party.objects.count()
    sent = officer.post(reverse("borrowers:person_add", args=[borrower.pk]), {"name": "CANARY Wang", "phone": PHONE})
    assert sent.status_code == 503, sent.content.decode()
    assert Party.objects.count() == before
    assert Borrower.objects.filter(pk=borrower.pk, legal_name=borrower.legal_name).exists()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            held = b"|".join(
                bytes(cell) if isinstance(cell, (bytes, memoryview)) else str(cell).encode()
                for row in cursor.fetchall()
                for cell in row
            )
            assert b"CANARY" not in held, table
            assert PHONE.encode() not in held, table

"""The page that lists every field of LoanFlow with its class, and what the class makes of it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from tests.accounts import factories as people

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client: Client) -> Client:
    people.signed_in(client, people.staff(Role.AUDITOR, people.branch("JN")))
    return client


def test_every_field_of_a_part_stands_with_its_class(reader: Client) -> None:
    page = reader.get(reverse("console:data_inventory"), {"app": "borrowers"})
    lines = {line["field"]: line for line in page.context["lines"]}
    name, number, index = lines["Borrower.legal_name"], lines["Party.id_number"], lines["Party.id_number_index"]
    assert [each["data_class"] for each in (name, number, index)] == ["personal"] * 3
    assert (name["in_log"], name["may_leave"], name["months"]) == (False, False, 120)
    assert (number["mask"], number["may_leave"]) == ("identifier", False)
    assert "digest" in str(index["kept"])
    assert lines["Interest.share"]["in_log"]
    assert lines["Interest.share"]["may_leave"]
    assert b"name and place of a business" in page.content


def test_there_is_no_part_of_another_name_and_no_page_for_others(reader: Client) -> None:
    page = reverse("console:data_inventory")
    assert reader.get(page).status_code == 200
    assert reader.get(page, {"app": "gossip"}).status_code == 404
    people.signed_in(reader, people.staff(Role.LOAN_OFFICER, people.branch("JN")))
    assert reader.get(page).status_code == 403

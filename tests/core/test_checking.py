"""Fields judged while they are typed: the form class alone speaks, and only of what was typed in."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect

from apps.access.roles import Role
from apps.accounts.models import Account
from apps.audit.models import AuditEvent
from apps.borrowers.models import Borrower
from tests.accounts import factories as people
from tests.borrowers import factories as businesses
from tests.console.test_browser import enter

WRONG = {"legal_name": "", "identifier_kind": "uscc", "identifier": "91110000600037341", "founded_on": "1 Jan 2999"}


def form_of(role: Role = Role.LOAN_OFFICER) -> tuple[Account, Borrower, str]:
    """Somebody, a business, and the address of its form."""
    somebody = businesses.account_of(role)
    business = businesses.borrower(businesses.officer())
    return somebody, business, reverse("borrowers:edit", args=[business.pk])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("identifier", {"identifier": "18 characters; you typed 17"}),
        ("legal_name,identifier", {"legal_name": "required", "identifier": "you typed 17"}),
        ("phone", {"phone": ""}),
        ("no_such_field,csrfmiddlewaretoken", {}),
    ],
)
def test_only_the_fields_that_were_typed_in_are_judged(client: Client, asked: str, said: dict[str, str]) -> None:
    officer, business, address = form_of()
    people.signed_in(client, officer)
    before = AuditEvent.objects.count()
    answer = client.post(address, WRONG, headers={"X-Check": asked})
    told = answer.json()["fields"]
    assert (answer.status_code, set(told)) == (200, set(said))
    assert all(words in " ".join(told[name]["errors"]) for name, words in said.items())
    assert all(bool(told[name]["errors"]) == bool(words) for name, words in said.items())
    assert (Borrower.objects.get().legal_name, AuditEvent.objects.count()) == (business.legal_name, before)


@pytest.mark.django_db
def test_what_is_right_is_not_sent_and_a_day_is_read_back(client: Client) -> None:
    officer, business, address = form_of()
    people.signed_in(client, officer)
    right = {"legal_name": "Songhua Bread", "founded_on": "2018年5月4日"}
    told = client.post(address, right, headers={"X-Check": "legal_name,founded_on"}).json()["fields"]
    assert told["legal_name"] == {"errors": [], "read": None}
    assert told["founded_on"]["errors"] == []
    assert "2018" in told["founded_on"]["read"]
    assert Borrower.objects.get().legal_name == business.legal_name


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "status"), [(Role.AUDITOR, 403), (None, 302)])
def test_nobody_has_a_form_judged_that_they_may_not_open(client: Client, role: Role | None, status: int) -> None:
    _officer, _business, address = form_of()
    if role:
        people.signed_in(client, people.staff(role))
    answer = client.post(address, WRONG, headers={"X-Check": "legal_name"})
    assert answer.status_code == status


def test_a_browser_says_it_beside_the_field_and_leaves_the_focus_where_it_is(
    page: Page, browser: BrowserContext, site: str
) -> None:
    officer, _business, address = form_of()
    enter(browser, site, officer)
    page.goto(address)
    page.fill("[name=identifier]", WRONG["identifier"])
    page.press("[name=identifier]", "Tab")
    box, error = page.locator("[name=identifier]"), page.locator("#id_identifier_error")
    expect(error).to_contain_text("you typed 17")
    assert box.get_attribute("aria-invalid") == "true"
    assert "id_identifier_error" in str(box.get_attribute("aria-describedby"))
    assert page.evaluate("document.activeElement.name") not in ("identifier", "")
    expect(page.locator("[data-check]")).to_contain_text("Identifier: ")
    assert page.locator("#id_phone_error").is_hidden()
    page.fill("[name=legal_name]", "")
    page.click("main .btn-primary[type=submit]")
    page.wait_for_selector(".error-summary")
    page.fill("[name=identifier]", businesses.uscc_number())
    page.press("[name=identifier]", "Tab")
    expect(page.locator("#id_identifier_error")).to_be_hidden()
    assert page.locator("[name=identifier]").get_attribute("aria-invalid") is None
    expect(page.locator(".error-summary li")).to_have_count(1)
    page.fill("[name=legal_name]", "Songhua Bread")
    page.press("[name=legal_name]", "Tab")
    expect(page.locator(".error-summary")).to_have_count(0)

"""Enrolling, signing in and stepping up in a real browser, without a word from the console."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from apps.access.roles import Role
from apps.access.services import role_found
from apps.accounts.services.people import Particulars, demo_person_make, person_invite
from tests.accounts import factories
from tests.accounts.factories import PASSWORD, SETUP

SHOTS = os.environ.get("LOANFLOW_SHOTS", "")


@pytest.fixture
def said(page: Page) -> list[str]:
    """Collect what the browser complains of: errors of scripts and of the content policy."""
    words: list[str] = []
    page.on("console", lambda message: words.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: words.append(str(error)))
    return words


def shot(page: Page, name: str) -> None:
    """Keep pictures of a page, wide and narrow, where the environment asks for them."""
    for width in (1440, 390) if SHOTS else ():
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=str(Path(SHOTS) / f"{name}-{width}.png"), full_page=True)
    page.set_viewport_size({"width": 1440, "height": 900})


def test_an_invited_colleague_enrols_with_the_key_on_the_page(page: Page, said: list[str]) -> None:
    factories.institution()
    who = Particulars(handle="officer-1", name="Li Wei", email="li.wei@example.test")
    made = person_invite(actor=SETUP, who=who)
    role_found(actor=SETUP, person=made.account.person, role=Role.ADMINISTRATOR, branch=None, reason="test")
    page.goto(reverse("accounts:invitation", args=[made.token]))
    shot(page, "invitation")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#id_again").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    key = page.locator("[data-totp-key]").inner_text().replace(" ", "")
    assert page.locator("main img").evaluate("picture => picture.naturalWidth") > 100
    shot(page, "enrol")
    page.get_by_label("One-time code").fill(factories.shown_code(key, 4.0))
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator("[data-recovery-codes] code")).to_have_count(10)
    shot(page, "recovery-codes")
    page.goto(reverse("accounts:profile"))
    for name in ("profile", "factors", "sessions", "password", "step_up"):
        page.goto(reverse(f"accounts:{name}"))
        shot(page, name)
    for name in ("people", "person_invite", "branches", "matrix"):
        page.goto(reverse(f"console:{name}"))
        assert page.locator("h1").count() == 1
        shot(page, name)
    page.goto(reverse("console:person", args=["officer-1"]))
    shot(page, "person")
    assert said == []


def test_in_the_demo_one_click_fills_the_form_and_a_second_signs_in(page: Page, said: list[str], settings: Any) -> None:
    settings.LOANFLOW_MODE = "demo"
    head = factories.branch("HQ", name="Head office")
    for role in (Role.CREDIT_ANALYST, Role.APPROVER_1, Role.AUDITOR):
        who = Particulars(handle=f"demo-{role.value}", name="Demo", email=f"{role.value}@example.test")
        owner = demo_person_make(actor=SETUP, who=who)
        role_found(actor=SETUP, person=owner.person, role=role, branch=head, reason="demo")
    page.goto(reverse("accounts:sign_in") + "?next=" + reverse("accounts:profile"))
    shot(page, "sign-in-demo")
    page.get_by_role("button", name="demo-auditor").click()
    expect(page.get_by_label("Name or e-mail address")).to_have_value("demo-auditor")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.locator("h1")).to_have_text("My account")
    page.goto(reverse("accounts:step_up") + "?next=" + reverse("accounts:sessions"))
    page.get_by_role("button", name="Fill in the code (demo)").click()
    expect(page.get_by_label("One-time code")).not_to_have_value("", timeout=40_000)  # it comes by itself
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("h1")).to_have_text("Sessions")
    assert said == []


def test_wrong_passwords_are_answered_above_the_form(page: Page, said: list[str]) -> None:
    factories.staff(handle="officer-1")
    page.goto(reverse("accounts:sign_in"))
    page.get_by_label("Name or e-mail address").fill("officer-1")
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("The name or the password is wrong.")
    expect(page.get_by_label("Name or e-mail address")).to_have_value("officer-1")
    shot(page, "sign-in-wrong")
    assert [words for words in said if "403" not in words] == []

"""What a person does at a browser: open a page, follow links, fill a form by its fields' names, send it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import Locator, Page, expect

from apps.accounts import rules
from apps.accounts.models import Account, SessionRecord
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core.actor import Actor
from tests.accounts.factories import SETUP

FORM = "main form:is(.card, .sign-form)"
File = dict[str, Any]


class Desk:
    """One person at one browser."""

    def __init__(self, page: Page, account: Account, language: str = "en") -> None:
        self.page, self.account, self.language = page, account, language
        self.said: list[str] = []
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("console", lambda line: self.said.append(line.text) if line.type == "error" else None)

    def sign_in(self, password: str, code: Callable[[], str], asked: str = "One-time code") -> None:
        """Prove password and a code on the pages of signing in; ``asked`` is what the code's field is called."""
        self.code = code
        self.page.goto(reverse("accounts:sign_in"))
        self.page.get_by_label(self.told("Name or e-mail address")).fill(self.account.handle)
        self.page.get_by_label(self.told("Password")).fill(password)
        self.page.get_by_role("button", name=self.told("Sign in"), exact=True).click()
        field = self.page.get_by_label(self.told(asked))
        field.wait_for()
        field.fill(code())
        self.page.get_by_role("button", name=self.told("Continue")).click()
        expect(field).to_have_count(0, timeout=30_000)

    def step_up(self, then: str) -> None:
        """Prove a new one-time code on the way to a page."""
        self.page.goto(f"{reverse('accounts:step_up')}?next={then}")
        self.page.get_by_label(self.told("One-time code")).fill(self.code())
        self.page.get_by_role("button", name=self.told("Continue")).click()
        self.page.wait_for_url(f"**{then}")

    def told(self, words: str) -> str:
        """Words as this person's pages say them."""
        with translation.override(self.language):
            whole = gettext(words)
            return gettext(words.removesuffix("…")) if whole == words else whole

    def press(self, words: str) -> None:
        """Press a button by what it says."""
        self.page.get_by_role("button", name=self.told(words)).click()

    def follow(self, words: str, *, exact: bool = False) -> None:
        """Follow the first link by what it says."""
        self.page.get_by_role("link", name=self.told(words), exact=exact).first.click()

    def go(self, name: str, *args: Any) -> None:
        """Open a page by the name of its address."""
        self.open(reverse(name, args=args))

    def open(self, address: str) -> None:
        """Open a page that has to be there."""
        response = self.page.goto(address)
        assert response is not None
        assert response.ok, f"{self.account.handle}: {address} answered {response.status}\n{self.words()}"

    def links(self, part: str) -> list[str]:
        """Addresses on the page that contain some part, in order and once each."""
        found = self.page.locator(f'a[href*="{part}"]').evaluate_all("all => all.map(one => one.getAttribute('href'))")
        return list(dict.fromkeys(found))

    def words(self) -> str:
        """What the page says."""
        return self.page.locator("main").inner_text()

    def fill(self, **values: Any) -> Desk:
        """Fill fields of the page's form by their names; files, choices and texts alike."""
        return self.into(FORM, **values)

    def into(self, form: str, **values: Any) -> Desk:
        """Fill fields of a form of the page by their names."""
        for name, value in values.items():
            _enter(self.page.locator(form), name, value)
        return self

    def send(self, form: str = FORM) -> None:
        """Send the page's form and see that it was taken."""
        before = self.page.url
        with self.page.expect_navigation() as went:
            self.page.locator(f"{form} button[type=submit]").click()
        answer = went.value
        taken = answer.ok and (
            answer.request.redirected_from is not None or answer.url != before
        )  # a script goes on by itself
        assert taken, f"{self.account.handle}: {answer.url} answered {answer.status}\n{self.words()}"

    def send_confirmed(self) -> None:
        """Send the page's form; the page that comes instead asks for a new code, and carries what was typed on."""
        self.let_time_pass()
        self.page.locator(f"{FORM} button[type=submit]").click()
        code = self.page.locator("#id_one_time_code")
        code.fill(self.code())
        with self.page.expect_navigation() as went:
            self.page.locator("main form button[type=submit]").click()
        assert went.value.request.redirected_from is not None, f"{went.value.url}: {self.words()}"
        self.said = [line for line in self.said if "403" not in line]  # the question for the code is answered so

    def let_time_pass(self) -> None:
        """Let a quarter of an hour pass since this person's last code."""
        aged(actor=SETUP, account=self.account)

    def look_at(self, address: str) -> None:
        """Open a document's page and wait until its first sheet is seen."""
        self.open(address)
        self.page.locator("main figure img").first.evaluate("sheet => sheet.decode()")


@act
def aged(*, actor: Actor, account: Account) -> None:
    """Let a quarter of an hour pass since the account's last code."""
    for session in SessionRecord.objects.filter(account=account):
        session.factor_at -= rules.QUARTER
        session.save(update_fields=["factor_at"])
    record(Tag.FACTOR_PROVED, actor=actor, subject=account)


def _enter(form: Locator, name: str, value: Any) -> None:
    """Enter a value into whatever control bears the name."""
    field = form.locator(f'[name="{name}"]')
    kind = str(field.first.evaluate("control => control.type"))
    if value is True:
        field.check()
    elif kind in ("checkbox", "radio"):
        for each in [value] if isinstance(value, str) else value:
            form.locator(f'[name="{name}"][value="{each}"]').check()
    elif kind.startswith("select"):
        field.select_option(index=value) if isinstance(value, int) else field.select_option(**value)
    elif kind == "file":
        field.set_input_files(value)
    else:
        field.fill(str(value))

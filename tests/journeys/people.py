"""The people of a journey: each has a browser of their own and signs in with password and one-time code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Browser

from apps.access.roles import Role
from apps.accounts.models import Account
from tests.accounts import factories as accounts
from tests.applications import factories as applications
from tests.approval.factories import policy
from tests.disbursement.factories import paying_account
from tests.journeys.desk import Desk


@dataclass(frozen=True)
class Look:
    """How the people of an office look at its pages: their language, and how wide their windows are in pixels."""

    language: str = "en"
    locale: str = "en-GB"
    width: int = 1440

    def __str__(self) -> str:
        return f"{self.language}-{self.width}"


TYPING = 4.0
"""Seconds that a journey takes at the most from reading a code to sending it."""
DESK, PHONE = Look(), Look("zh-hans", "zh-CN", 390)


class Office:
    """A branch, a product and a policy in force; ``person`` sends somebody of a role to a desk."""

    def __init__(self, chromium: Browser, site: str, look: Look) -> None:
        self.branch = accounts.branch("JN", name="Jinan branch")
        self.product = applications.product()
        policy()
        paying_account()
        self._chromium, self._site, self._look = chromium, site, look
        self._desks: list[Desk] = []

    def person(self, role: Role, handle: str) -> Desk:
        """Hire somebody and sign them in at a browser of their own."""
        account = accounts.staff(role, self.branch, handle, self._look.language)
        desk = self._desk(account)
        desk.sign_in(accounts.PASSWORD, lambda: code_of(account))
        return desk

    def visitor(self, account: Account, code: Callable[[], str]) -> Desk:
        """Let a borrower sign in at a browser of their own, with password and the code of a letter."""
        desk = self._desk(account)
        desk.sign_in(accounts.PASSWORD, code, "Code")
        return desk

    def _desk(self, account: Account) -> Desk:
        context = self._chromium.new_context(
            base_url=self._site,
            viewport={"width": self._look.width, "height": 900},
            locale=self._look.locale,
            reduced_motion="reduce",
        )
        context.set_default_timeout(30_000)
        desk = Desk(context.new_page(), account, self._look.language)
        self._desks.append(desk)
        return desk

    def said(self) -> list[str]:
        """What the browsers complained of: errors of scripts and of the content policy."""
        return [line for desk in self._desks for line in desk.said]

    def close(self) -> None:
        """Close every browser."""
        for desk in self._desks:
            desk.page.context.close()


def code_of(account: Account) -> str:
    """The code that the authenticator shows, typed before it changes."""
    return accounts.code_for(account, TYPING)

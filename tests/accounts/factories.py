"""People for tests: enrolled accounts made through the services, signed-in clients and their actors."""

from __future__ import annotations

import datetime as dt
import itertools
import time
from collections.abc import Iterable

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client, RequestFactory

from apps.access.actors import actor_of
from apps.access.roles import Role
from apps.access.services import role_found
from apps.accounts import browser, rules, selectors
from apps.accounts.models import Account, AccountKind, Branch, Institution, SessionRecord, TotpDevice
from apps.accounts.services import factors, people, places
from apps.accounts.services.people import Particulars
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor, Factor
from apps.vault.models import KeyOwner
from apps.vault.services import installation_owner

PASSWORD = "correct horse battery staple"
SETUP = Actor.system("init", channel="test")
numbers = itertools.count(1)


def installation() -> None:
    """Make what ``manage.py init`` makes below the institution: the installation's keys."""
    if not KeyOwner.objects.filter(kind="installation").exists():
        _installation_make(actor=SETUP)


@act
def _installation_make(*, actor: Actor) -> None:
    record(Tag.KEY_OWNER_CREATED, actor=actor, subject=installation_owner())


def institution(name: str = "Songhua Bank", pack: str = "cn") -> Institution:
    """Return the institution; made when there is none."""
    installation()
    return selectors.institution() or places.institution_create(actor=SETUP, name=name, pack=pack)


def branch(code: str = "HQ", parent: Branch | None = None, name: str = "") -> Branch:
    """Return the branch with a code; opened when there is none."""
    institution()
    found = Branch.objects.filter(code=code).first()
    return found or places.branch_add(actor=SETUP, code=code, name=name or f"{code} branch", parent=parent)


def account(kind: str = AccountKind.STAFF, handle: str | None = None, language: str = "en") -> Account:
    """Return a new account that has set its password and, for staff, confirmed its authenticator."""
    institution()
    number = next(numbers)
    name = handle or f"{kind}-{number}"
    who = Particulars(handle=name, name=f"Person {number}", email=f"{name}@example.test", kind=kind, language=language)
    made = people.person_invite(actor=SETUP, who=who).account
    _enrol(actor=SETUP, made=made)
    return made


@act
def _enrol(*, actor: Actor, made: Account) -> None:
    """Do in one act what the invitation's link does in several; ``test_enrolment`` walks the long way."""
    made.set_password(PASSWORD)
    made.password_at = clock.now()
    if made.is_staff_kind:
        made.enrolled_at = clock.now()
        TotpDevice.objects.create(
            user=made, key_owner=made.person.key_owner, secret=rules.new_secret(), name="totp", confirmed=True,
            confirmed_at=clock.now(),
        )  # fmt: skip
    made.save()
    record(Tag.ENROLLED, actor=actor, subject=made)


def staff(
    role: str | Iterable[str] = Role.LOAN_OFFICER,
    branch: Branch | None = None,
    handle: str | None = None,
    language: str = "en",
) -> Account:
    """Return an enrolled member of staff with a role (or several) over a branch, or everywhere."""
    made = account(handle=handle, language=language)
    for each in [role] if isinstance(role, str) else role:
        role_found(actor=SETUP, person=made.person, role=each, branch=branch, reason="test")
    return made


def borrower_account(handle: str | None = None) -> Account:
    """Return a borrower's account that has set its password."""
    return account(AccountKind.BORROWER, handle)


def code_for(owner: Account, sent_within: float = 2.0) -> str:
    """Return the present code of an account's authenticator, as soon as there is one that was not used and does not die at once."""
    device = TotpDevice.objects.get(user=owner, confirmed=True, retired_at=None)
    return shown_code(device.secret.reveal(), sent_within, used=device.last_step)


def shown_code(secret: str, sent_within: float = 2.0, *, used: int = -1) -> str:
    """Return the code that an authenticator shows; the next one, when it comes, where this was used or dies within so many seconds.

    Under a moved clock nothing is waited for: there the present one is returned.
    """
    left = rules.TOTP_PERIOD - clock.now().timestamp() % rules.TOTP_PERIOD
    if not clock.is_simulated() and (rules.current_step(clock.now()) <= used or left < sent_within):
        time.sleep(left)
    return rules.code_at_step(secret, rules.current_step(clock.now()))


def half_minute() -> dt.datetime:
    """The moment at which the half minute after the next one begins."""
    return dt.datetime.fromtimestamp((rules.current_step(clock.now()) + 2) * rules.TOTP_PERIOD, dt.UTC)


def actor_for(owner: Account, *, fresh: bool = True) -> Actor:
    """Return the actor of an account whose factor was proved just now, or (``fresh=False``) an hour ago."""
    at = clock.now() if fresh else clock.now() - rules.HOUR
    factor = Factor.TOTP if owner.is_staff_kind else Factor.EMAIL
    return actor_of(owner, session="test", factor=factor, factor_at=at, address="192.0.2.1", channel="test")


def signed_in(client: Client, owner: Account, factor: Factor | None = None) -> SessionRecord:
    """Give a client the complete session of an account with a fresh factor (the usual one); returns its record."""
    request = RequestFactory().get("/")
    request.session = SessionStore()
    proved = factor or (Factor.TOTP if owner.is_staff_kind else Factor.EMAIL)
    agent = str(client.defaults.get("HTTP_USER_AGENT", ""))
    address = str(client.defaults.get("REMOTE_ADDR", "127.0.0.1"))
    record = browser.complete(request, owner, proved, Actor.anonymous(address=address, device=agent))
    request.session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key or ""
    return record


def email_code(owner: Account) -> str:
    """Send a code to a borrower and return it."""
    return factors.email_code_send(actor=Actor.anonymous(), account=owner)

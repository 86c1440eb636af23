"""Passwords: the first step of signing in, and changing one's own."""

from __future__ import annotations

from django.contrib.auth.hashers import check_password, verify_password
from django.utils.translation import gettext_lazy as _

from apps.accounts import demo, selectors
from apps.accounts.claims import claimant
from apps.accounts.models import Account
from apps.accounts.senders import word_send
from apps.accounts.services import lockout
from apps.accounts.services.invitations import password_check_new
from apps.accounts.services.sessions import sessions_end_of_person
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, Refused
from apps.core.text import fold

UNUSABLE = "!"


def password_prove(*, actor: Actor, name: str, password: str) -> Account:
    """Check a typed name and password; returns the account, whose second factor is still to come.

    Raises ``LockedOut`` or ``Refused`` with words that tell nobody whether the account exists, is suspended or has a
    password. Takes the time of a hash in every case. Commits its count and its event by itself.
    """
    account = selectors.account_named(name)
    tried = lockout.attempt(actor, account, "password", fold(name))
    usable = account is not None and account.is_active and demo.allowed(account)
    right, outdated = verify_password(password, account.password if account is not None and usable else UNUSABLE)
    renewed = password if outdated else ""
    proved = _judge(actor=claimant(actor, account), account=account, right=right, renewed=renewed, tried=tried)
    lockout.forgive(tried)
    return proved


@act(commits_refusals=True)
def _judge(*, actor: Actor, account: Account | None, right: bool, renewed: str, tried: lockout.Attempt) -> Account:
    if account is None or not right:
        lockout.note_lock(actor, account, tried)
        raise Refused(
            "credentials", _("The name or the password is wrong."), subject=account, action=Tag.SIGN_IN_FAILED
        )
    if renewed:  # an old hash comes up to today's parameters while the password is at hand
        account.set_password(renewed)
        account.save(update_fields=["password"])
    record(Tag.PASSWORD_PROVED, actor=actor, subject=account)
    return account


def password_change(*, actor: Actor, account: Account, current: str, new: str) -> None:
    """Change one's own password; every other session of the person ends."""
    password_check_new(account, new)
    if new == current:
        raise BadInput({"password": [_("Choose a password that you have not now.")]})
    tried = lockout.attempt(actor, account, "password")
    right = check_password(current, account.password)
    _change(actor=actor, account=account, right=right, new=new, tried=tried)
    lockout.forgive(tried)


@act(commits_refusals=True)
def _change(*, actor: Actor, account: Account, right: bool, new: str, tried: lockout.Attempt) -> None:
    if not right:
        lockout.note_lock(actor, account, tried)
        raise Refused("credentials", _("The current password is wrong."), subject=account, action=Tag.PASSWORD_CHANGED)
    sessions_end_of_person(actor=actor, person=account.person, reason="password_change", keep=actor.session)
    account.set_password(new)
    account.password_at = clock.now()
    account.save(update_fields=["password", "password_at"])
    record(Tag.PASSWORD_CHANGED, actor=actor, subject=account)
    word_send(account, "password_news")  # whoever did not do this themselves hears of it

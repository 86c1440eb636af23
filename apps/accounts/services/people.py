"""People and their accounts. Who may call these is decided a floor above, in ``access.services.people``."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from apps.accounts import demo, rules, selectors
from apps.accounts.models import Account, AccountKind, Language, Person, TotpDevice
from apps.accounts.models.people import HANDLE
from apps.accounts.services import lockout
from apps.accounts.services.invitations import invitation_make
from apps.accounts.services.passkeys import passkeys_retire_all
from apps.accounts.services.sessions import sessions_end_of_person
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput
from apps.vault.services import owner_create


@dataclass(frozen=True, slots=True)
class Invited:
    """A new account and the token of its one-time link, which is shown or sent this once."""

    account: Account
    token: str


@dataclass(frozen=True, slots=True)
class Particulars:
    """Who an account is for. Name, e-mail and phone are stored encrypted."""

    handle: str
    name: str
    email: str
    phone: str = ""
    language: str = Language.ENGLISH
    kind: str = AccountKind.STAFF


@act
def person_invite(*, actor: Actor, who: Particulars) -> Invited:
    """Make a person with an account that can do nothing but set its password by the returned token.

    Raises ``BadInput`` by field for a handle or e-mail address that is taken or malformed.
    """
    account = account_create(who)
    token = invitation_make(account)
    record(Tag.PERSON_INVITED, actor=actor, subject=account, note={"kind": who.kind})
    return Invited(account, token)


@act
def person_reinvite(*, actor: Actor, account: Account) -> Invited:
    """Make a new link for an account: to go on enrolling, or to set a new password (the factor stays)."""
    if not account.is_active:
        raise BadInput(_("This account is suspended. Restore it first."))
    token = invitation_make(account)
    record(Tag.PERSON_INVITED, actor=actor, subject=account, note={"again": True})
    return Invited(account, token)


@act
def demo_person_make(*, actor: Actor, who: Particulars) -> Account:
    """Make a demo person, enrolled at once. Refused outside demo mode."""
    demo.require()
    account = account_create(who, is_demo=True)
    now = clock.now()
    account.set_password(demo.password_of(who.handle))
    account.password_at = account.enrolled_at = now
    account.save(update_fields=["password", "password_at", "enrolled_at"])
    if account.is_staff_kind:
        TotpDevice.objects.create(
            user=account, key_owner=account.person.key_owner, secret=rules.new_secret(), name="totp",
            confirmed=True, confirmed_at=now,
        )  # fmt: skip
    record(Tag.ENROLLED, actor=actor, subject=account, note={"demo": True})
    return account


@act
def account_suspend(*, actor: Actor, account: Account, reason: str) -> Account:
    """Close an account until it is restored; its sessions end at once."""
    current = Account.objects.select_for_update(of=("self",)).select_related("person").get(pk=account.pk)
    if not current.is_active:
        raise BadInput(_("This account is suspended already."))
    sessions_end_of_person(actor=actor, person=current.person, reason="suspended")
    current.is_active, current.suspended_at = False, clock.now()
    current.save(update_fields=["is_active", "suspended_at"])
    record(Tag.PERSON_SUSPENDED, actor=actor, subject=current, note={"reason": reason})
    return current


@act
def account_restore(*, actor: Actor, account: Account, reason: str) -> Account:
    """Open a suspended account again. Its passkeys stay shut: nobody knows in whose hands they were meanwhile."""
    current = Account.objects.select_for_update().get(pk=account.pk)
    if current.is_active:
        raise BadInput(_("This account is not suspended."))
    current.is_active, current.suspended_at = True, None
    current.save(update_fields=["is_active", "suspended_at"])
    passkeys_retire_all(actor=actor, account=current, reason="restored")
    record(Tag.PERSON_RESTORED, actor=actor, subject=current, note={"reason": reason})
    return current


@act
def lock_lift(*, actor: Actor, account: Account) -> None:
    """Let a locked-out account try again at once."""
    lockout.unlock(account)
    record(Tag.LOCK_LIFTED, actor=actor, subject=account)


@act
def language_choose(*, actor: Actor, person: Person, language: str) -> None:
    """Set the language a person reads pages and mail in."""
    if language not in Language.values:
        raise BadInput({"language": [_("Choose a language of the list.")]})
    if person.language != language:
        person.language = language
        person.save(update_fields=["language"])
        record(Tag.PERSON_CHANGED, actor=actor, subject=person)


def account_create(who: Particulars, *, is_demo: bool = False) -> Account:
    """Make a person with an account without a password; the caller's act records it. Raises ``BadInput`` by field."""
    handle = _handle(who.handle)
    email = _email(who.email)
    owner = owner_create(kind="borrower" if who.kind == AccountKind.BORROWER else "person", label=handle)
    person = Person.objects.create(
        key_owner=owner, name=who.name.strip(), email=email, phone=who.phone, language=who.language
    )
    account = Account(handle=handle, kind=who.kind, person=person, demo=is_demo)
    account.set_unusable_password()
    account.save()
    return account


def _handle(typed: str) -> str:
    try:
        HANDLE(typed)
    except ValidationError as error:
        raise BadInput({"handle": error.messages}) from error
    if Account.objects.filter(handle=typed).exists():
        raise BadInput({"handle": [_("This handle is taken.")]})
    return typed


def _email(typed: str) -> str:
    try:
        validate_email(typed)
    except ValidationError as error:
        raise BadInput({"email": error.messages}) from error
    if selectors.persons_with_email(typed):
        raise BadInput({"email": [_("A person with this e-mail address exists already.")]})
    return typed

"""Invitations: an account with nothing but a handle gets a single-use link, open for a day, to set its password."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.accounts import selectors
from apps.accounts.claims import claimant
from apps.accounts.models import Account, Invitation
from apps.accounts.rules import INVITATION_LIFE, digest, new_token
from apps.accounts.senders import Origin, send_on_commit
from apps.accounts.services.enrolment import device_prepare
from apps.accounts.services.sessions import sessions_end_of_person
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, Refused


def invitation_make(account: Account) -> str:
    """Replace an account's open invitations by a new one and return its token; the caller's act records it."""
    now = clock.now()
    for old in Invitation.objects.select_for_update().filter(account=account, used_at=None, withdrawn_at=None):
        old.withdrawn_at = now
        old.save(update_fields=["withdrawn_at"])
    token = new_token()
    Invitation.objects.create(account=account, digest=digest("invitation", token), expires_at=now + INVITATION_LIFE)
    return token


@act
def invitations_withdraw(*, actor: Actor, account: Account) -> int:
    """Let the open links of an account work no more; returns how many there were."""
    rows = list(Invitation.objects.select_for_update().filter(account=account, used_at=None, withdrawn_at=None))
    for row in rows:
        row.withdrawn_at = clock.now()
        row.save(update_fields=["withdrawn_at"])
        record(Tag.INVITATION_WITHDRAWN, actor=actor, subject=row)
    return len(rows)


def invitation_mail(account: Account, token: str, site: str, attempt: int = 0) -> None:
    """Mail an account's newest link once the act has committed; ``site`` is the address that it begins with."""
    newest = Invitation.objects.get(digest=digest("invitation", token))
    link = site.rstrip("/") + reverse("accounts:invitation", args=[token])
    send_on_commit(account, _template(account), {"link": link}, Origin(newest.pk, site, attempt))


def _template(account: Account) -> str:
    if not account.is_staff_kind:
        return "invitation_borrower"
    was_reset = account.signs_from is not None and account.enrolled_at is None
    return "invitation_reset" if was_reset else "invitation"


def invitation_mail_again(invitation_id: int, site: str, attempt: int) -> None:
    """Mail a new link in place of one that could not be sent, unless it was used or replaced in the meantime."""
    _mail_again(actor=Actor.system("mail", channel="task"), invitation_id=invitation_id, site=site, attempt=attempt)


@act
def _mail_again(*, actor: Actor, invitation_id: int, site: str, attempt: int) -> None:
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("account__person")
    lost = rows.filter(pk=invitation_id, used_at=None, withdrawn_at=None, account__is_active=True).first()
    if lost is None:
        return
    token = invitation_make(lost.account)
    record(Tag.PERSON_INVITED, actor=actor, subject=lost.account, note={"again": True})
    invitation_mail(lost.account, token, site, attempt)


def password_check_new(account: Account, password: str) -> None:
    """Raise ``BadInput`` where a new password is too weak, with what to do about it."""
    try:
        validate_password(password, account)
    except ValidationError as error:
        raise BadInput({"password": error.messages}) from error


@act
def invitation_accept(*, actor: Actor, token: str, password: str) -> Account:
    """Spend an invitation and set the account's password.

    Staff without an authenticator get one to scan; sessions that were open end. Raises ``Refused`` for a link that was
    used, withdrawn or is too old, ``BadInput`` for a weak password (the link stays open then).
    """
    found = selectors.open_invitation(token)
    if found is None:
        raise Refused("invitation", _("This link was used already or is too old. Ask for a new invitation."))
    invitation = Invitation.objects.select_for_update().get(pk=found.pk)
    if invitation.used_at is not None:
        raise Refused("invitation", _("This link was used already or is too old. Ask for a new invitation."))
    account = found.account
    password_check_new(account, password)
    who = claimant(actor, account)
    sessions_end_of_person(actor=who, person=account.person, reason="password_change")
    invitation.used_at = clock.now()
    invitation.save(update_fields=["used_at"])
    account.set_password(password)
    account.password_at = clock.now()
    account.save(update_fields=["password", "password_at"])
    record(Tag.INVITATION_OPENED, actor=who, subject=account)
    if account.is_staff_kind and account.enrolled_at is None:
        device_prepare(actor=who, account=account)
    return account

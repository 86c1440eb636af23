"""Registering by oneself: a link to the address, which is typed again with name and password when the link is followed.

Whoever asks hears the same, for the same work, whether the address is known, throttled or new. Nothing of a person is
stored before the mailbox is proved.
"""

from __future__ import annotations

from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from apps.accounts import rules, selectors
from apps.accounts.claims import claimant
from apps.accounts.models import Account, AccountKind, Registration
from apps.accounts.ports import Ports
from apps.accounts.senders import mail_on_commit
from apps.accounts.services import lockout
from apps.accounts.services.invitations import password_check_new
from apps.accounts.services.people import Particulars, account_create
from apps.accounts.services.sessions import sessions_end_of_person
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, Refused
from apps.core.text import fold


def registration_ask(*, actor: Actor, email: str, language: str, site: str, trap: str = "") -> None:
    """Mail a link to an address, at most three a day; ``trap`` is what only machines fill in.

    Raises ``LockedOut`` after ten from one network address in a quarter of an hour. Everything else is silent.
    """
    if lockout.spend((lockout.Key("register_from", actor.address, rules.REGISTER_FROM_LIMIT),)) is None:
        _refuse(actor=actor, refusal=lockout.LockedOut(action=Tag.REGISTRATION_ASKED))
    refusal = _unsaid(email, trap)
    if refusal is None:
        _send(actor=actor, email=email, language=language, site=site)
        return
    try:
        _refuse(actor=actor, refusal=refusal)
    except Refused:
        return


def _unsaid(email: str, trap: str) -> Refused | None:
    """Why no mail is sent, which the log is told and the asker is not."""
    if trap:
        return Refused("trap", _("A field that people do not see was filled in."), action=Tag.REGISTRATION_ASKED)
    if lockout.spend((lockout.Key("register_to", fold(email), rules.REGISTER_TO_LIMIT),)) is None:
        return Refused("throttled", _("This address was sent its links of the day."), action=Tag.REGISTRATION_ASKED)
    return None


@act
def _send(*, actor: Actor, email: str, language: str, site: str) -> None:
    token, now = rules.new_token(), clock.now()
    known = _closed_to(selectors.accounts_likely(email))
    row = Registration.objects.create(
        digest=rules.digest("registration", token), address=address_digest(email),
        expires_at=now if known else now + rules.REGISTRATION_LIFE,
    )  # fmt: skip
    record(Tag.REGISTRATION_ASKED, actor=actor, subject=row, note={"known": known})
    page = reverse("accounts:sign_in") if known else reverse("accounts:register_finish", args=[token])
    mail_on_commit(email, language, "register_known" if known else "register", {"link": site.rstrip("/") + page})


@act
def registration_finish(*, actor: Actor, token: str, email: str, name: str, password: str, language: str) -> Account:
    """Spend a link: open an account of the portal, or give one that acts for nothing yet a new password.

    Raises ``Refused`` for a link that is spent or too old or an account that is in use, ``BadInput`` for another address
    or a weak password (the link stays open then).
    """
    if not selectors.registration_alive(token):
        raise Refused("registration", _("This link was used already or is too old. Register once more."))
    _spend_links(token, email)
    who = Particulars(rules.new_handle(), name, email, language=language, kind=AccountKind.BORROWER)
    account = _account(actor, who)
    password_check_new(account, password)
    account.set_password(password)
    account.password_at = clock.now()
    account.save(update_fields=["password", "password_at"])
    record(Tag.REGISTERED, actor=claimant(actor, account), subject=account)
    return account


def _spend_links(token: str, email: str) -> None:
    """Close every open link of the address; their rows are locked, so two links at once make one account."""
    rows = Registration.objects.select_for_update().filter(address=address_digest(email), used_at=None).order_by("id")
    mine = list(rows)
    if rules.digest("registration", token) not in {row.digest for row in mine}:
        raise BadInput({"email": [_("This is not the address that the link was sent to.")]})
    for row in mine:
        row.used_at = clock.now()
        row.save(update_fields=["used_at"])


def _account(actor: Actor, who: Particulars) -> Account:
    known = selectors.accounts_with_email(who.email)
    if _closed_to(known):
        raise Refused("registered", _("There is an account with this address already. Sign in with it."))
    if not known:
        return account_create(who)
    person = known[0].person
    sessions_end_of_person(actor=claimant(actor, known[0]), person=person, reason="password_change")
    person.name = who.name.strip()
    person.save(update_fields=["name"])
    return known[0]


def _closed_to(known: list[Account]) -> bool:
    """Tell whether any account is staff's, suspended, or acts for a business: a mailbox alone opens none of these.

    The same is asked of everybody and of nobody, so that the time of an answer tells nothing.
    """
    held = [Ports.holds(pk) for pk in [each.pk for each in known] or [0]]
    return any(each.is_staff_kind or not each.is_active or holds for each, holds in zip(known, held, strict=False))


def address_digest(email: str) -> str:
    """What is kept of an address until its mailbox is proved; keyed, as addresses can be guessed."""
    return salted_hmac("loanflow.registration", fold(email), algorithm="sha256").hexdigest()


@act
def _refuse(*, actor: Actor, refusal: Refused) -> None:
    raise refusal

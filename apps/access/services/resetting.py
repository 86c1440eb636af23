"""A lost factor: reported by its person, asked for by an administrator, agreed to by another; its person can stop it.

Who asks and who agrees is a row of ``administration.RULES``. A report from the sign-in page gives nothing to anybody, and
the answer is the same whether there is such an account or not: what differs is done by a task, after the answer.
"""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from apps.access.administration import RULES, Change
from apps.access.models import FactorReset
from apps.access.ports import Ports
from apps.access.selectors import resets_open
from apps.access.services.people import may_administer, may_manage
from apps.accounts import rules, selectors
from apps.accounts.models import Account, Person
from apps.accounts.senders import word_send_everywhere
from apps.accounts.services import lockout
from apps.accounts.services.invitations import invitation_mail, invitation_make
from apps.accounts.services.resets import factors_drop
from apps.accounts.tasks import send_again
from apps.audit.canonical import moment
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible, Refused
from apps.core.permissions import Permission
from apps.core.text import fold

LIFE = dt.timedelta(days=7)
"""How long a request waits before it lapses."""
ASKED, DONE, STOPPED = "factor_reset_asked", "factor_reset_done", "factor_reset_stopped"
PLEA = "factor_plea"
"""Task that passes a report on to the person it is about."""
NOBODY = 0


def reset_plead(*, actor: Actor, name: str) -> None:
    """Take note that whoever means a name has lost their factor; at most three a day are, and nothing is said of any.

    Raises ``LockedOut`` after ten from one network address in a quarter of an hour. Everything else is silent.
    """
    if lockout.spend((lockout.Key("lost_from", actor.address, rules.REGISTER_FROM_LIMIT),)) is None:
        _refuse(actor=actor, refusal=lockout.LockedOut(action=Tag.FACTOR_RESET_ASKED))
    account = selectors.staff_likely(name)
    whose = str(account.pk) if account else f"?{fold(name)}"
    fits = lockout.spend((lockout.Key("lost", whose, rules.REGISTER_TO_LIMIT),)) is not None
    try:
        reset_id = _plead(actor=actor, account=account, fits=fits)
    except Refused:
        reset_id = NOBODY
    send_again.enqueue(PLEA, reset_id, "", 0)


@act
def _plead(*, actor: Actor, account: Account | None, fits: bool) -> int:
    if account is None:
        raise Refused("unknown", _("There is no such account."), action=Tag.FACTOR_RESET_ASKED)
    if not fits:
        words = _("This was said three times today already.")
        raise Refused("throttled", words, subject=account, action=Tag.FACTOR_RESET_ASKED)
    row = _open_row(account)
    record(Tag.FACTOR_RESET_ASKED, actor=actor, subject=row)
    return row.pk


def plea_tell(reset_id: int, _site: str, _attempt: int) -> None:
    """Tell the person that somebody says they lost their factor: the task behind the sign-in page's answer."""
    row = resets_open().select_related("account__person").filter(pk=reset_id).first()
    if row is not None:
        _tell_plea(actor=Actor.system("mail", channel="task"), row=row)


@act
def _tell_plea(*, actor: Actor, row: FactorReset) -> None:
    _tell(row.account, ASKED)
    record(Tag.FACTOR_RESET_ASKED, actor=actor, subject=row, note={"told": True})


@act
def reset_start(*, actor: Actor, account: Account, reason: str, site: str) -> FactorReset:
    """Ask for a new factor for a colleague who lost theirs; it waits until another administrator agrees.

    ``site`` is the address that the one-time link begins with, where nobody else has to agree.
    """
    may_administer(actor, Change.FACTOR_RESET, account)
    if not account.is_active:
        raise BadInput(_("This account is suspended. Restore it first."))
    if account.enrolled_at is None:
        raise BadInput(_("This account has no factor to lose: send its person a new link."))
    row = _open_row(account)
    if row.started_at is not None:
        raise BadInput(_("A new factor for this account was asked for already."))
    row.started_by_id, row.started_at, row.expires_at = actor.person_id, clock.now(), clock.now() + LIFE
    row.reason = reason
    row.save(update_fields=["started_by", "started_at", "expires_at", "reason"])
    alone = not RULES[Change.FACTOR_RESET].agree
    if not alone:
        _tell(account, ASKED)
    record(Tag.FACTOR_RESET_STARTED, actor=actor, subject=row)
    return _complete(actor, row, site) if alone else row


@act
def reset_agree(*, actor: Actor, row: FactorReset, site: str) -> FactorReset:
    """Agree as another administrator: the factors are gone, the sessions end, and a link goes to the mailbox on file."""
    for permission in RULES[Change.FACTOR_RESET].agree:
        may_manage(actor, permission, row.account)
    current = _still_open(row)
    if current.started_at is None:
        raise BadInput(_("No administrator has asked for this yet: ask for it, and another agrees."))
    if RULES[Change.FACTOR_RESET].apart and current.started_by_id == actor.person_id:
        words = _("You asked for this yourself. Another administrator has to agree.")
        raise Refused("second_administrator", words, subject=row, action=Permission.ROLE_APPROVE)
    if not current.account.is_active:
        raise BadInput(_("This account is suspended. Restore it first."))
    current.agreed_by_id = actor.person_id
    return _complete(actor, current, site)


@act
def reset_stop(*, actor: Actor, row: FactorReset) -> FactorReset:
    """Stop an open request: as whom it is for, who needs no fresh factor for it, or as somebody who may suspend."""
    if actor.person_id != row.person_id:
        may_manage(actor, Permission.PEOPLE_SUSPEND, row.account)
    current = _still_open(row)
    current.stopped_by_id, current.stopped_at = actor.person_id, clock.now()
    current.save(update_fields=["stopped_by", "stopped_at"])
    Ports.tell(
        [each for each in (current.person_id, current.started_by_id) if each not in (None, actor.person_id)], STOPPED
    )
    record(
        Tag.FACTOR_RESET_STOPPED, actor=actor, subject=current, note={"by_owner": actor.person_id == current.person_id}
    )
    return current


def own_reset(actor: Actor) -> FactorReset | None:
    """The open request about the actor's own factors."""
    return resets_open().filter(person_id=actor.person_id or 0).select_related("account").first()


def reset_seen(uuid: UUID) -> FactorReset:
    """An open request; raises ``NotVisible`` for any other. Its page asks who looks."""
    row = resets_open().select_related("account__person", "person").filter(uuid=uuid).first()
    if row is None:
        raise NotVisible(action=Tag.FACTORS_RESET)
    return row


def _complete(actor: Actor, row: FactorReset, site: str) -> FactorReset:
    row.agreed_at = clock.now()
    row.save(update_fields=["agreed_by", "agreed_at"])
    account, until = factors_drop(actor=actor, account=row.account)
    token = invitation_make(account)
    invitation_mail(account, token, site)
    _tell(account, DONE)
    record(Tag.FACTORS_RESET, actor=actor, subject=row, note={"signs_from": moment(until)})
    return row


def _tell(account: Account, what: str) -> None:
    """Tell a person by every way that leads to them: mail, a short message to their phone, and a line under the bell."""
    word_send_everywhere(account, what)
    Ports.tell([account.person_id], what)


def _open_row(account: Account) -> FactorReset:
    """The request that waits, or a new one; a lapsed one is closed first. The person is locked, as agreeing does."""
    Person.objects.select_for_update().get(pk=account.person_id)
    waiting = FactorReset.objects.filter(account=account, agreed_at=None, stopped_at=None).first()
    if waiting is not None and waiting.expires_at > clock.now():
        return waiting
    if waiting is not None:
        waiting.stopped_at = waiting.expires_at
        waiting.save(update_fields=["stopped_at"])
    return FactorReset.objects.create(account=account, person_id=account.person_id, expires_at=clock.now() + LIFE)


def _still_open(row: FactorReset) -> FactorReset:
    Person.objects.select_for_update().get(pk=row.person_id)
    current = resets_open().select_related("account__person").filter(pk=row.pk).first()
    if current is None:
        raise BadInput(_("This request no longer waits."))
    return current


@act
def _refuse(*, actor: Actor, refusal: Refused) -> None:
    raise refusal

"""Rights that people ask for: the line manager agrees, then an administrator gives them through the door of every role.

Nothing here gives a role by itself. Giving is ``roles_grant``, with all that it refuses and all who have to agree besides;
whoever asked, agreed or is meant does not give.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from apps.access import rights, roles
from apps.access.administration import Change, asking, role_change
from apps.access.models import ReportingLine, RightRequest
from apps.access.models.rights import RequestState
from apps.access.ports import Ports
from apps.access.selectors import accounts_who_can
from apps.access.services.authority import authorize, can
from apps.access.services.demands import fresh, in_person, reason_fit
from apps.access.services.granting import Assignment, end_fit, may_change, roles_grant
from apps.access.services.people import may_administer
from apps.accounts.models import Account, Branch, Person
from apps.accounts.selectors import staff_accounts
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible, Refused
from apps.core.permissions import Permission

ASKED, AGREED, DECLINED, GIVEN = "right_asked", "right_agreed", "right_declined", "right_given"
MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """A right that is asked for: role, branch (empty: everywhere), last day, why; ``handle`` where it is for another."""

    role: str
    branch: Branch | None
    until: dt.date
    reason: str
    handle: str = ""


@act
def manager_set(*, actor: Actor, account: Account, handle: str) -> ReportingLine:
    """Say who somebody's line manager is; raises ``BadInput`` for a line that would lead back to themselves."""
    may_administer(actor, Change.MANAGER, account)
    Person.objects.select_for_update().get(pk=account.person_id)
    manager = staff_accounts().filter(handle=handle.strip().lower(), is_active=True).first()
    if manager is None:
        raise BadInput({"handle": [_("There is no such colleague with an account in use.")]})
    if account.person_id in {manager.person_id, *rights.managers_above(manager.person_id)}:
        raise BadInput({"handle": [_("Nobody is their own line manager, nor that of those above them.")]})
    line = ReportingLine.objects.filter(person_id=account.person_id).first() or ReportingLine(
        person_id=account.person_id
    )
    line.manager_id = manager.person_id
    line.save()
    record(Tag.MANAGER_SET, actor=actor, subject=line, note={"person": account.person_id, "manager": manager.person_id})
    return line


@act
def right_ask(*, actor: Actor, wanted: Wanted) -> RightRequest:
    """Ask for a role, for oneself or for one of one's people. Raises ``BadInput`` by field."""
    in_person(actor)
    authorize(actor, Permission.RIGHT_ASK)
    person_id = _meant(actor, wanted)
    Person.objects.select_for_update().get(pk=person_id)
    _refuse_unaskable(person_id, wanted)
    until = end_fit(clock.midnight(wanted.until + dt.timedelta(days=1)), "until") or clock.now()
    answering = rights.answers(person_id, actor.person_id or 0)
    if answering is None:
        raise BadInput(_("Nobody above you could agree: ask an administrator to enter a line manager."))
    row = RightRequest.objects.create(
        person_id=person_id, asked_by_id=actor.person_id or 0, role=wanted.role, branch=wanted.branch, until=until,
        reason=reason_fit(wanted.reason),
    )  # fmt: skip
    Ports.tell([answering], ASKED)
    note = {"role": row.role, "person": person_id, "until": until.isoformat()}
    record(Tag.RIGHT_ASKED, actor=actor, subject=row, note=note)
    return row


@act
def right_agree(*, actor: Actor, row: RightRequest) -> RightRequest:
    """Agree, as the line manager of whom it is for; an administrator gives it next."""
    current = _locked(row, RequestState.ASKED)
    _refuse_unless_answering(actor, current)
    current.agreed_by_id, current.agreed_at = actor.person_id, clock.now()
    current.save(update_fields=["agreed_by", "agreed_at"])
    giving = accounts_who_can(asking(role_change(current.role)), None).exclude(person_id__in=_hands(current))
    Ports.tell(list(giving.values_list("person_id", flat=True)[:MOST_TOLD]), AGREED)
    record(Tag.RIGHT_AGREED, actor=actor, subject=current, note={"role": current.role, "person": current.person_id})
    return current


@act
def right_decline(*, actor: Actor, row: RightRequest, reason: str) -> RightRequest:
    """Decline: as the line manager while it waits for them, as an administrator after they have agreed."""
    current = _locked(row, RequestState.ASKED, RequestState.AGREED)
    if current.agreed_at is None:
        _refuse_unless_answering(actor, current)
    else:
        _may_give(actor, current)
    current.answer = reason_fit(reason)
    _end(actor, current, Tag.RIGHT_DECLINED)
    Ports.tell(sorted({current.person_id, current.asked_by_id}), DECLINED)
    return current


@act
def right_withdraw(*, actor: Actor, row: RightRequest) -> RightRequest:
    """Take a request back, as who asked or whom it is for."""
    current = _locked(row, RequestState.ASKED, RequestState.AGREED)
    if actor.is_deputy or actor.person_id not in {current.person_id, current.asked_by_id}:
        raise NotVisible(subject=row, action=Tag.RIGHT_WITHDRAWN)
    return _end(actor, current, Tag.RIGHT_WITHDRAWN)


@act
def right_give(*, actor: Actor, row: RightRequest) -> RightRequest:
    """Give what was asked for and agreed, as an administrator with no other hand in it. A powerful role waits there for others.

    A role that is held there already and ends is given anew from its end on.
    """
    current = _locked(row, RequestState.AGREED)
    _may_give(actor, current)
    held = rights.held_there(current)
    if held is not None and held.ends is None:
        raise BadInput(_("This person holds the role there already, without an end."))
    starts = held.ends if held is not None else None
    wanted = Assignment(current.role, current.branch, current.until, starts=starts)
    reason = current.reason.reveal()
    (current.grant,) = roles_grant(actor=actor, person=current.person, assignments=[wanted], reason=reason)
    current.save(update_fields=["grant"])
    Ports.tell(sorted({current.person_id, current.asked_by_id}), GIVEN)
    note = {"role": current.role, "person": current.person_id, "agreed_by": current.agreed_by_id}
    record(Tag.RIGHT_GIVEN, actor=actor, subject=current, note=note)
    return current


def right_seen(actor: Actor, uuid: UUID) -> RightRequest:
    """A request that the actor asked, is meant by, answers, or may give; raises ``NotVisible`` for any other."""
    row = RightRequest.objects.select_related("person__key_owner", "branch").filter(uuid=uuid).first()
    if row is None or not (
        actor.person_id in _hands(row) or rights.is_answering(actor, row) or _administers(actor, row)
    ):
        raise NotVisible(action=Permission.RIGHT_ASK)
    return row


def _meant(actor: Actor, wanted: Wanted) -> int:
    """Person whom a request is for: oneself, or somebody whom one leads, by line or over the branch asked for."""
    handle = wanted.handle.strip().lower()
    if not handle:
        return actor.person_id or 0
    found = staff_accounts().filter(handle=handle, is_active=True).first()
    if found is None or not (found.person_id == actor.person_id or rights.leads(actor, found.person_id, wanted.branch)):
        raise BadInput({"handle": [_("Leave this empty to ask for yourself, or name one of your own people.")]})
    return found.person_id


def _refuse_unaskable(person_id: int, wanted: Wanted) -> None:
    if wanted.role not in roles.Role.values or wanted.role == roles.Role.BORROWER:
        raise BadInput({"role": [_("Choose a role of the list.")]})
    asked = rights.requests_open().filter(person_id=person_id, role=wanted.role, branch=wanted.branch)
    if asked.exists():
        raise BadInput({"role": [_("This has been asked for already. The request waits for its answer.")]})
    if rights.lasting(person_id, wanted.role, wanted.branch):
        raise BadInput({"role": [_("This role is held there already, and does not end before that day.")]})


def _refuse_unless_answering(actor: Actor, row: RightRequest) -> None:
    authorize(actor, Permission.RIGHT_ASK)
    in_person(actor)
    if actor.person_id in {row.person_id, row.asked_by_id}:
        words = _("Nobody agrees to what they ask for themselves. Your line manager, or theirs, does.")
        raise Refused("own_request", words, subject=row, action=Permission.RIGHT_ASK)
    if not rights.is_answering(actor, row):
        raise NotVisible(subject=row, action=Permission.RIGHT_ASK)
    fresh(actor, Permission.RIGHT_ASK, row)


def _may_give(actor: Actor, row: RightRequest) -> None:
    in_person(actor)
    may_change(actor, row.person, asking(role_change(row.role)))
    if actor.person_id in _hands(row):
        words = _("You had a hand in this request already. Another administrator gives the role.")
        raise Refused("own_request", words, subject=row, action=Permission.ROLE_GRANT)


def _administers(actor: Actor, row: RightRequest) -> bool:
    return bool(can(actor, asking(role_change(row.role)))) or bool(can(actor, Permission.PEOPLE_VIEW))


def _hands(row: RightRequest) -> set[int]:
    return {each for each in (row.person_id, row.asked_by_id, row.agreed_by_id) if each is not None}


def _locked(row: RightRequest, *states: RequestState) -> RightRequest:
    current = RightRequest.objects.select_for_update(of=("self",)).select_related("person", "branch").get(pk=row.pk)
    if current.state not in states:
        raise BadInput(_("This request no longer waits for you: it was answered or taken back."))
    return current


def _end(actor: Actor, row: RightRequest, tag: Tag) -> RightRequest:
    row.ended_by_id, row.ended_at = actor.person_id, clock.now()
    row.save(update_fields=["ended_by", "ended_at", "answer"])
    record(tag, actor=actor, subject=row, note={"role": row.role, "person": row.person_id})
    return row

"""Handing a right to a deputy for a time: made by who holds it, agreed by a lead where it is powerful, ended by either at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from apps.access import roles
from apps.access.actors import deputising
from apps.access.administration import HANDING
from apps.access.delegations import Standing, agrees_over, live, may_meet, standing_of, waiting
from apps.access.models import Delegation
from apps.access.ports import Ports
from apps.access.selectors import accounts_who_can, grants_live, held_roles, subtrees
from apps.access.services.authority import authorize, held_back
from apps.access.services.demands import fresh, in_person, reason_fit
from apps.accounts.models import Account, AccountKind, Branch, Person
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor, HeldRole
from apps.core.errors import BadInput, NotVisible, Refused
from apps.core.permissions import Permission

LONGEST = 90
"""Days that a right may be handed over for; whoever needs it longer asks again."""
MADE, AGREED, ENDED, ASKED = "delegation_made", "delegation_agreed", "delegation_ended", "delegation_asked"


@dataclass(frozen=True, slots=True)
class Handover:
    """What is handed to whom: role, branch (empty: wherever it is held), amount in the house's currency, from when to when."""

    deputy: str
    role: str
    branch: Branch | None
    ends: dt.datetime
    reason: str
    most: Decimal | None = None
    starts: dt.datetime | None = None


@act
def delegation_make(*, actor: Actor, wanted: Handover) -> Delegation:
    """Hand over a right of one's own; a powerful one waits for a lead. Raises ``BadInput`` by field."""
    in_person(actor)
    fresh(actor, Permission.RIGHT_HAND_OVER)
    authorize(actor, Permission.RIGHT_HAND_OVER)
    _refuse_held_back(actor, wanted.role)
    principal_id = actor.person_id or 0
    Person.objects.select_for_update().get(pk=principal_id)
    starts = max(wanted.starts or clock.now(), clock.now())
    _refuse_times(starts, wanted.ends)
    _refuse_more_than_held(actor, wanted)
    wanted = replace(wanted, branch=wanted.branch or _where_held(actor, wanted.role))
    deputy = _deputy(actor, wanted)
    waits = wanted.role in roles.POWERFUL and HANDING.second is not None
    row = Delegation.objects.create(
        principal_id=principal_id, deputy_id=deputy.person_id, role=wanted.role, branch=wanted.branch, most=wanted.most,
        starts=starts, ends=wanted.ends, reason=reason_fit(wanted.reason), needs_second=waits,
    )  # fmt: skip
    Ports.tell([deputy.person_id], MADE)
    if waits:
        Ports.tell(_leads(wanted.branch, {principal_id, deputy.person_id}), ASKED)
    note = {"role": row.role, "deputy": deputy.person_id, "until": row.ends.isoformat()}
    record(Tag.DELEGATION_ASKED if waits else Tag.DELEGATION_MADE, actor=actor, subject=row, note=note)
    return row


@act
def delegation_agree(*, actor: Actor, row: Delegation) -> Delegation:
    """Agree, as somebody who leads there and is neither of the two."""
    current = _waiting_for(actor, row)
    if not may_meet(current.deputy_id, current.role):
        raise _sides(current)
    current.agreed_by_id, current.agreed_at = actor.person_id, clock.now()
    current.save(update_fields=["agreed_by", "agreed_at"])
    Ports.tell([current.principal_id, current.deputy_id], AGREED)
    record(Tag.DELEGATION_AGREED, actor=actor, subject=current, note={"role": current.role})
    return current


@act
def delegation_reject(*, actor: Actor, row: Delegation) -> Delegation:
    """Do not agree: it ends before it ever counted."""
    return _end(actor, _waiting_for(actor, row))


@act
def delegation_end(*, actor: Actor, row: Delegation) -> Delegation:
    """End a delegation now, as its principal or its deputy; ending an ended one changes nothing."""
    current = Delegation.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if actor.person_id not in {current.principal_id, current.deputy_id}:
        raise NotVisible(subject=row, action=Tag.DELEGATION_ENDED)
    return current if current.is_over else _end(actor, current)


@act
def delegations_withdraw(*, actor: Actor, rows: Iterable[Delegation]) -> int:
    """End delegations now, for a service that has asked who may: the review of rights, or one that lets somebody go."""
    current = Delegation.objects.select_for_update(of=("self",)).filter(pk__in=[row.pk for row in rows])
    return len([_end(actor, row) for row in current.order_by("pk") if not row.is_over])


@act
def delegation_take_up(*, actor: Actor, row: Delegation) -> Standing:
    """Begin to act for another; raises ``Refused`` where the delegation gives nothing now."""
    in_person(actor)
    fresh(actor, Permission.RIGHT_HAND_OVER)
    standing = standing_of(actor.person_id or 0, row.uuid)
    if standing is None:
        raise Refused("delegation", _("This right is not in your hands now."), subject=row)
    record(Tag.DELEGATION_TAKEN_UP, actor=deputising(actor, standing), subject=standing.row, note={"role": row.role})
    return standing


def delegation_seen(actor: Actor, uuid: object) -> Delegation:
    """A delegation that the actor made, holds or may agree to; raises ``NotVisible`` for any other."""
    row = Delegation.objects.select_related("branch").filter(uuid=str(uuid)).first()
    mine = row is not None and actor.person_id in {row.principal_id, row.deputy_id}
    if row is None or not (mine or agrees_over(actor, row.branch_id)):
        raise NotVisible(action=Permission.RIGHT_HAND_OVER)
    return row


def _refuse_held_back(actor: Actor, role: str) -> None:
    """What somebody may not do themselves after a lost factor, no deputy whom they name then does for them."""
    held = held_back(actor)
    if held and role in {*roles.Role} and roles.permissions_of([role]) & roles.HELD_BACK:
        raise Refused(*held, action=Permission.RIGHT_HAND_OVER)


def _refuse_times(starts: dt.datetime, ends: dt.datetime) -> None:
    if ends <= starts:
        raise BadInput({"ends": [_("The end must lie after the beginning, and in the future.")]})
    if ends - starts > dt.timedelta(days=LONGEST):
        raise BadInput({"ends": [_("Choose an end at most %(days)s days after the beginning.") % {"days": LONGEST}]})


def _refuse_more_than_held(actor: Actor, wanted: Handover) -> None:
    """Only what is held now, by this person, over the whole of the branch named; an approver names an amount."""
    held = next((each for each in held_roles(actor.person_id or 0) if each.role == wanted.role), None)
    if held is None or not HANDING.may_be_handed(wanted.role):
        raise BadInput({"role": [_("Choose a role of your own that may be handed over.")]})
    if not _covers(held, wanted.branch):
        raise BadInput({"branch": [_("Your role does not reach the whole of this branch.")]})
    approves = Permission.APPROVAL_SIGN in roles.permissions_of([wanted.role])
    if approves and (wanted.most is None or wanted.most <= 0):
        raise BadInput({"most": [_("Say up to which amount the deputy may approve.")]})
    if not approves and wanted.most is not None:
        raise BadInput({"most": [_("An amount bounds approvals only. Leave it empty for this role.")]})


def _where_held(actor: Actor, role: str) -> Branch | None:
    """Branch over which a role is held, ``None`` for everywhere: a lead of that branch agrees."""
    grants = list(grants_live().filter(person_id=actor.person_id or 0, role=role).select_related("branch"))
    places = {grant.branch for grant in grants}
    if None in places:
        return None
    if len(places) > 1:
        raise BadInput({"branch": [_("You hold this role over several branches. Choose one of them.")]})
    return places.pop()


def _covers(held: HeldRole, branch: Branch | None) -> bool:
    if held.branch_ids is None or branch is None:
        return True
    return subtrees([branch.path])[branch.path] <= held.branch_ids


def _deputy(actor: Actor, wanted: Handover) -> Account:
    """A colleague who works on cases, has enrolled, and whose own roles may meet the one handed over."""
    able = accounts_who_can(Permission.RIGHT_HAND_OVER, None)
    found = able.select_related("person").filter(handle=wanted.deputy.strip().lower()).first()
    if found is None or found.person_id == actor.person_id:
        raise BadInput({"deputy": [_("Choose a colleague who works on cases and has enrolled.")]})
    Person.objects.select_for_update().get(pk=found.person_id)
    if not may_meet(found.person_id, wanted.role):
        raise BadInput({"deputy": [_("Who administers people or policies neither approves nor pays, for nobody.")]})
    own = {each.role: each for each in held_roles(found.person_id)}.get(wanted.role)
    if own is not None and own.branch_ids is None:
        raise BadInput({"deputy": [_("This colleague holds the role everywhere already.")]})
    again = live().filter(
        principal_id=actor.person_id, deputy_id=found.person_id, role=wanted.role, branch=wanted.branch
    )
    if again.exists():
        raise BadInput({"deputy": [_("This right is in this colleague's hands already.")]})
    return found


def _waiting_for(actor: Actor, row: Delegation) -> Delegation:
    second = HANDING.second or Permission.ROLE_ENDORSE
    authorize(actor, second)
    fresh(actor, second, row)
    current = waiting().select_for_update(of=("self",)).filter(pk=row.pk).first()
    if current is None:
        raise BadInput(_("This delegation no longer waits."))
    if actor.persons & {current.principal_id, current.deputy_id}:
        raise Refused(
            "second_person", _("Somebody else has to agree: you are one of the two."), subject=row, action=second
        )
    if not agrees_over(actor, current.branch_id):
        raise NotVisible(subject=row, action=second)
    return current


def _sides(row: Delegation) -> Refused:
    return Refused(
        "administers", _("Who administers people or policies neither approves nor pays, for nobody."), subject=row
    )


def _end(actor: Actor, current: Delegation) -> Delegation:
    current.ends, current.ended_by_id = max(clock.now(), current.starts), actor.person_id
    if current.starts > clock.now():
        current.starts = current.ends = clock.now()
    current.save(update_fields=["starts", "ends", "ended_by"])
    Ports.tell([each for each in (current.principal_id, current.deputy_id) if each != actor.person_id], ENDED)
    record(Tag.DELEGATION_ENDED, actor=actor, subject=current, note={"role": current.role})
    return current


def _leads(branch: Branch | None, but: set[int]) -> list[int]:
    able = accounts_who_can(HANDING.second or Permission.ROLE_ENDORSE, branch.pk if branch else None)
    rows = able.filter(kind=AccountKind.STAFF).exclude(person_id__in=but)
    return list(rows.values_list("person_id", flat=True)[:20])

"""What time does to roles: their end is announced, and recorded when it comes. A role counts no longer from its end on anyhow."""

from __future__ import annotations

from django.db.models import F, Q

from apps.access.administration import FEWEST_ADMINISTRATORS
from apps.access.models import RoleGrant
from apps.access.ports import Ports
from apps.access.rights import SOON, managers_above
from apps.access.roles import Role
from apps.access.selectors import grants_live, persons_able
from apps.accounts.services.sessions import sessions_end_of_person
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.permissions import Permission

ENDING, ENDED, FEW = "right_ending", "right_ended", "few_administrators"
AT_ONCE = 500


def rights_warn(actor: Actor) -> int:
    """Tell people, and their line managers, of roles that end within two weeks; once each. Returns how many."""
    due = RoleGrant.objects.filter(
        until__gt=clock.now(), until__lte=clock.now() + SOON, ends=F("until"), warned_at=None
    )
    return sum(_warn(actor, pk) for pk in due.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


def rights_lapse(actor: Actor) -> int:
    """Record the roles that have ended by their term; sessions of who holds them no longer end. Returns how many."""
    over = RoleGrant.objects.filter(until__lte=clock.now(), ends=F("until"), lapsed_at=None)
    return sum(_lapse(actor, pk) for pk in over.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


def _warn(actor: Actor, pk: int) -> bool:
    with act(actor=actor):
        row = RoleGrant.objects.select_for_update(of=("self",)).filter(pk=pk, warned_at=None, ends=F("until")).first()
        if row is None:
            return False
        row.warned_at = clock.now()
        row.save(update_fields=["warned_at"])
        Ports.tell([row.person_id, *managers_above(row.person_id)[:1]], ENDING)
        note = {"role": row.role, "until": str(row.until)}
        if few := _leaves_few(row):
            Ports.tell(sorted(few), FEW)
            note["few_administrators_from"] = str(row.until)
        record(Tag.ROLE_WARNED, actor=actor, subject=row, note=note)
    return True


def _leaves_few(row: RoleGrant) -> set[int]:
    """Whom to alarm where the end of a role leaves fewer than two administrators: those there are, and who confirms roles."""
    if row.role != Role.ADMINISTRATOR:
        return set()
    if len(persons_able(Permission.ROLE_GRANT, row.until)) >= FEWEST_ADMINISTRATORS:
        return set()
    return persons_able(Permission.ROLE_GRANT) | persons_able(Permission.ROLE_CONFIRM)


def _lapse(actor: Actor, pk: int) -> bool:
    with act(actor=actor):
        found = RoleGrant.objects.select_for_update(of=("self",)).select_related("person")
        row = found.filter(pk=pk, lapsed_at=None, ends=F("until")).first()
        if row is None:
            return False
        row.lapsed_at = clock.now()
        row.save(update_fields=["lapsed_at"])
        counted = not row.needs_second or row.approved_at is not None
        if counted and not _goes_on(row):
            sessions_end_of_person(actor=actor, person=row.person, reason="role_change")
        Ports.tell([row.person_id], ENDED)
        record(Tag.ROLE_LAPSED, actor=actor, subject=row, note={"role": row.role, "until": str(row.until)})
    return True


def _goes_on(row: RoleGrant) -> bool:
    """Tell whether its person holds the same role there by another grant."""
    wider = Q(branch=row.branch_id) | Q(branch=None)
    return grants_live().filter(wider, person=row.person_id, role=row.role).exists()

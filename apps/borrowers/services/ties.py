"""Staff who may not touch a borrower's cases: declared by themselves or by compliance, ended by another person."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.access.services import authorize
from apps.accounts.models import Person
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers.models import Borrower, StaffInterest, TieKind
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, Refused
from apps.core.permissions import Permission

LONGEST_WHY = 300


@act
def tie_declare(*, actor: Actor, borrower: Borrower, person: Person, kind: str) -> StaffInterest:
    """Declare one's own or a relative's business. Everybody declares for themselves; for others, who may freeze does."""
    own = actor.person_id == person.pk
    authorize(actor, Permission.BORROWER_VIEW if own else Permission.BORROWER_FREEZE, borrower)
    if kind not in TieKind.values:
        raise BadInput({"kind": [_("Say what ties you to the business.")]})
    tie, created = StaffInterest.objects.get_or_create(
        person=person, borrower=borrower, kind=kind, ended_on=None, defaults={"declared_by_id": actor.person_id}
    )
    if created:
        record(Tag.TIE_DECLARED, actor=actor, subject=tie, touched=[borrower])
    return tie


@act
def tie_end(*, actor: Actor, tie: StaffInterest, why: str) -> StaffInterest:
    """End a declared tie, with the reason: never one's own, and never one that one has declared for another."""
    if actor.person_id == tie.person_id:
        raise Refused(
            "another_person", _("Nobody ends their own declared tie. Ask the compliance officer."), subject=tie
        )
    authorize(actor, Permission.BORROWER_FREEZE, tie.borrower)
    current = StaffInterest.objects.select_for_update(of=("self",)).get(pk=tie.pk)
    if actor.person_id is None or actor.person_id == current.declared_by_id:
        raise Refused("another_person", _("You declared this tie: another person has to end it."), subject=current)
    words = why.strip()
    if not words or len(words) > LONGEST_WHY:
        raise BadInput({"why": [_("Say in at most %(most)s characters why it ends.") % {"most": LONGEST_WHY}]})
    if current.ended_on is None:
        current.ended_on, current.ended_by_id, current.ended_why = clock.today(), actor.person_id, words
        current.save(update_fields=["ended_on", "ended_by", "ended_why"])
        record(Tag.TIE_ENDED, actor=actor, subject=current, touched=[current.borrower])
    return current

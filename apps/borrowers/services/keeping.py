"""Legal holds and times of keeping: one person places a hold, another lifts it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.access.services import authorize
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers.keeping import LEAST, may_set_rules
from apps.borrowers.models import Basis, Borrower, LegalHold, RetentionRule
from apps.core import clock
from apps.core.actor import Actor
from apps.core.classes import DataClass
from apps.core.errors import BadInput, Refused, StepUpNeeded
from apps.core.permissions import Permission

MOST = 600


@act
def hold_place(*, actor: Actor, borrower: Borrower, why: str) -> LegalHold:
    """Let nothing of a borrower be forgotten until another person lifts the hold; one hold at a time."""
    authorize(actor, Permission.HOLD_MANAGE, borrower)
    locked = Borrower.objects.select_for_update(of=("self",)).select_related("key_owner").get(pk=borrower.pk)
    if not why.strip():
        raise BadInput({"why": [_("Write why.")]})
    if locked.holds.filter(lifted_at=None).exists():
        raise Refused("held", _("A legal hold stands already."), subject=locked, action=Tag.HOLD_PLACED)
    made = LegalHold.objects.create(
        borrower=locked, key_owner=locked.key_owner, why=why.strip(), placed_by_id=actor.person_id or 0
    )
    record(Tag.HOLD_PLACED, actor=actor, subject=made, touched=[locked])
    return made


@act
def hold_lift(*, actor: Actor, hold: LegalHold) -> LegalHold:
    """Lift a hold that another person placed."""
    locked = LegalHold.objects.select_for_update(of=("self",)).select_related("borrower__group").get(pk=hold.pk)
    authorize(actor, Permission.HOLD_MANAGE, locked.borrower)
    if not actor.is_fresh(clock.now()):
        raise StepUpNeeded(subject=locked, action=Permission.HOLD_MANAGE)
    if locked.lifted_at is not None:
        raise Refused("held", _("This hold is lifted already."), subject=locked)
    if locked.placed_by_id == actor.person_id:
        raise Refused("another_held", _("You placed it yourself: another person has to lift it."), subject=locked)
    locked.lifted_by_id, locked.lifted_at = actor.person_id, clock.now()
    locked.save(update_fields=["lifted_by", "lifted_at"])
    record(Tag.HOLD_LIFTED, actor=actor, subject=locked, touched=[locked.borrower])
    return locked


def refuse_rule_setting(actor: Actor) -> None:
    """Raise ``Refused`` for a role that reaches some branches alone: a rule holds for all of them."""
    if not may_set_rules(actor):
        raise Refused(
            "scope", _("This rule holds for all branches: so must the role of whoever sets it."), action=Tag.RETENTION_SET,
            who_can=_("Heads of credit whose role covers all branches"),
        )  # fmt: skip


@act
def retention_set(*, actor: Actor, data_class: str, months: int, basis: str) -> RetentionRule:
    """Say for how many months after the last business data of a class are kept, and on what ground."""
    authorize(actor, Permission.RETENTION_MANAGE)
    if not actor.is_fresh(clock.now()):
        raise StepUpNeeded(action=Permission.RETENTION_MANAGE)
    refuse_rule_setting(actor)
    least = LEAST[DataClass(data_class)]
    if not least <= months <= MOST:
        words = _("Choose from %(least)s to %(most)s months.") % {"least": least, "most": MOST}
        raise BadInput({"months": [words]})
    values = {"months": months, "basis": Basis(basis), "set_by_id": actor.person_id}
    rule, _made = RetentionRule.objects.update_or_create(data_class=data_class, defaults=values)
    record(Tag.RETENTION_SET, actor=actor, subject=rule, note={"class": data_class, "months": months})
    return rule

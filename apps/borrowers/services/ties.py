"""Staff who may not touch a borrower's cases, and accounts of the portal that act for a borrower."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.access.services import authorize
from apps.accounts.models import Account, AccountKind, Person
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers.models import Borrower, BorrowerAccess, StaffInterest, TieKind
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, Refused
from apps.core.permissions import Permission


@act
def tie_declare(*, actor: Actor, borrower: Borrower, person: Person, kind: str) -> StaffInterest:
    """Declare one's own or a relative's business. Everybody declares for themselves; for others, who may freeze does."""
    own = actor.person_id == person.pk
    authorize(actor, Permission.BORROWER_VIEW if own else Permission.BORROWER_FREEZE, borrower)
    if kind not in TieKind.values:
        raise BadInput({"kind": [_("Say what ties you to the business.")]})
    tie, created = StaffInterest.objects.get_or_create(person=person, borrower=borrower, kind=kind, ended_on=None)
    if created:
        record(Tag.TIE_DECLARED, actor=actor, subject=tie, touched=[borrower])
    return tie


@act
def tie_end(*, actor: Actor, tie: StaffInterest) -> StaffInterest:
    """End a declared tie; never one's own."""
    if actor.person_id == tie.person_id:
        raise Refused(
            "another_person", _("Nobody ends their own declared tie. Ask the compliance officer."), subject=tie
        )
    authorize(actor, Permission.BORROWER_FREEZE, tie.borrower)
    if tie.ended_on is None:
        tie.ended_on = clock.today()
        tie.save(update_fields=["ended_on"])
        record(Tag.TIE_ENDED, actor=actor, subject=tie)
    return tie


@act
def access_give(*, actor: Actor, borrower: Borrower, account: Account) -> BorrowerAccess:
    """Let a portal account act for a borrower."""
    authorize(actor, Permission.BORROWER_EDIT, borrower)
    if account.kind != AccountKind.BORROWER:
        raise BadInput({"account": [_("Only an account of the portal can act for a borrower.")]})
    access, created = BorrowerAccess.objects.get_or_create(borrower=borrower, account=account, ended_at=None)
    if created:
        record(Tag.BORROWER_ACCESS_GIVEN, actor=actor, subject=access, touched=[borrower])
    return access


@act
def access_end(*, actor: Actor, access: BorrowerAccess) -> BorrowerAccess:
    """End a portal account's access to a borrower."""
    authorize(actor, Permission.BORROWER_EDIT, access.borrower)
    if access.ended_at is None:
        access.ended_at = clock.now()
        access.save(update_fields=["ended_at"])
        record(Tag.BORROWER_ACCESS_ENDED, actor=actor, subject=access)
    return access

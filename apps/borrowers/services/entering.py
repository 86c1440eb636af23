"""A business that an applicant enters in the portal by themselves: a file of its own, whoever else may be known by the same
identifier. The applicant's word that it is theirs is checked at intake; what is shared with others is found there too.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from apps.access.services import authorize
from apps.accounts.models import Account, Branch
from apps.accounts.selectors import registration_open
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers import writing
from apps.borrowers.models import Borrower, BorrowerAccess, ConfirmedHow
from apps.borrowers.rules import BusinessData, PartyData, compact
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, Refused
from apps.core.permissions import Permission

MOST_CLAIMS = 3
"""Businesses that one account may have entered and nobody has confirmed yet."""


@act
def business_enter(*, actor: Actor, branch: Branch, data: BusinessData) -> BorrowerAccess:
    """Enter a business of one's own at a branch, with oneself as its first person, who has no part in it yet.

    Raises ``Refused`` where the institution lets nobody register or too many wait to be confirmed, ``BadInput`` by field.
    """
    authorize(actor, Permission.PORTAL_USE)
    if not registration_open():
        raise Refused("registration_closed", _("Your branch enters a business with you. Ask for an appointment."))
    account = Account.objects.select_for_update(of=("self",)).select_related("person").get(pk=actor.account_id or 0)
    _refuse_too_many(account)
    _refuse_own_twice(actor, data)
    borrower = writing.business_write_new(branch, data)
    record(Tag.BORROWER_CREATED, actor=actor, subject=borrower, note={"by": "applicant"})
    known = PartyData(name=str(account.person.name.reveal()), email=str(account.person.email.reveal()))
    party = writing.party_write_new(borrower, known)
    record(Tag.PARTY_ADDED, actor=actor, subject=party, touched=[borrower])
    access = BorrowerAccess.objects.create(borrower=borrower, account=account, party=party, self_made=True)
    record(Tag.BORROWER_ACCESS_GIVEN, actor=actor, subject=access, touched=[borrower], note={"by": "applicant"})
    return access


def _refuse_too_many(account: Account) -> None:
    claims = BorrowerAccess.objects.filter(account=account, self_made=True, confirmed_at=None, ended_at=None)
    if claims.count() >= MOST_CLAIMS:
        raise Refused("claims", _("Several businesses that you entered are not confirmed yet. Send an application for one first."),
                      subject=account, action=Tag.BORROWER_CREATED)  # fmt: skip


def _refuse_own_twice(actor: Actor, data: BusinessData) -> None:
    """Nobody hears what other businesses are known; of one's own one may."""
    own = Borrower.objects.filter(pk__in=actor.borrower_ids)
    if any(row.identifier and compact(str(row.identifier.reveal())) == compact(data.identifier) for row in own):
        raise BadInput({"identifier": [_("You act for this business already: choose it on the page before.")]})


def claim_confirm(access: BorrowerAccess, actor: Actor, how: str) -> BorrowerAccess:
    """Take an applicant's word as confirmed, inside the act of the stage that has checked it and records it."""
    if how not in ConfirmedHow.values:
        raise BadInput({"how": [_("Choose how you made sure.")]})
    current = BorrowerAccess.objects.select_for_update().get(pk=access.pk)
    if current.ended_at is not None or not current.is_open_claim:
        raise Refused("confirmed", _("This was settled already."), subject=current)
    current.confirmed_by_id, current.confirmed_at, current.confirmed_how = actor.person_id, clock.now(), how
    current.save(update_fields=["confirmed_by", "confirmed_at", "confirmed_how"])
    return current

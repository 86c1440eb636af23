"""Who acts for a business in the portal: invited by e-mail, at the address on file, by a link that nobody else sees.

The address is never typed here: it is the person's own in the borrower's file, and changing that is an event of its own.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.access.services import authorize
from apps.accounts import rules
from apps.accounts.models import Account, AccountKind
from apps.accounts.selectors import accounts_with_email
from apps.accounts.senders import word_send
from apps.accounts.services.invitations import invitation_mail, invitations_withdraw
from apps.accounts.services.people import Particulars, person_invite, person_reinvite
from apps.accounts.services.sessions import sessions_end_of_person
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers.models import Borrower, BorrowerAccess, Interest, InterestKind, Party
from apps.borrowers.services.locking import lock_for_change
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible, Refused, StepUpNeeded
from apps.core.permissions import Permission
from apps.core.text import fold

INVITED = (InterestKind.OWNER, InterestKind.LEGAL_REPRESENTATIVE, InterestKind.SIGNER)
"""Parts whose bearers may see the business's cases; a guarantor's or a mere beneficiary's is not among them."""


@act
def portal_invite(
    *, actor: Actor, borrower: Borrower, party: Party, language: str = "", site: str = ""
) -> BorrowerAccess:
    """Give a person of the business an account of the portal, or their own account one business more.

    The link, which begins with ``site``, goes out by mail to the person's address on file and is returned to nobody.
    Raises ``BadInput`` for who may not be invited, ``StepUpNeeded`` without a fresh factor.
    """
    locked = lock_for_change(borrower, actor, permission=Permission.BORROWER_INVITE)
    _need_fresh(actor, locked)
    person = _invitable(locked, party)
    account, token = _account_for(actor, person, language)
    others = list(_live(locked).exclude(account=account).select_related("account__person"))
    access = access_give(actor=actor, borrower=locked, account=account, party=person)
    if token:
        invitation_mail(account, token, site)
    for other in others:  # whoever acts for the business already hears of it, and can object
        word_send(other.account, "access_news", site=site)
    return access


@act
def portal_reinvite(*, actor: Actor, access: BorrowerAccess, site: str = "") -> BorrowerAccess:
    """Send a new link: to begin with, or to choose a new password; earlier links stop working."""
    lock_for_change(access.borrower, actor, permission=Permission.BORROWER_INVITE)
    _need_fresh(actor, access)
    current = BorrowerAccess.objects.select_related("account__person").get(pk=access.pk)
    if current.ended_at is not None:
        raise Refused("ended", _("This access has ended. Invite the person anew."), subject=current)
    invited = person_reinvite(actor=actor, account=current.account)
    invitation_mail(invited.account, invited.token, site)
    return current


@act
def access_give(*, actor: Actor, borrower: Borrower, account: Account, party: Party | None = None) -> BorrowerAccess:
    """Let a portal account act for a borrower, as ``party`` of it."""
    authorize(actor, Permission.BORROWER_INVITE, borrower)
    if account.kind != AccountKind.BORROWER:
        raise BadInput({"account": [_("Only an account of the portal can act for a borrower.")]})
    if party is not None and party.borrower_id != borrower.pk:
        raise NotVisible(subject=party)
    access, created = BorrowerAccess.objects.get_or_create(
        borrower=borrower, account=account, ended_at=None, defaults={"party": party}
    )
    if created:
        record(Tag.BORROWER_ACCESS_GIVEN, actor=actor, subject=access, touched=[borrower])
    return access


@act
def access_end(*, actor: Actor, access: BorrowerAccess) -> BorrowerAccess:
    """End an account's access to a borrower; who acts for no other business is signed out and has no link left."""
    authorize(actor, Permission.BORROWER_INVITE, access.borrower)
    current = BorrowerAccess.objects.select_for_update(of=("self",)).select_related("account__person").get(pk=access.pk)
    if current.ended_at is not None:
        return current
    current.ended_at = clock.now()
    current.save(update_fields=["ended_at"])
    record(Tag.BORROWER_ACCESS_ENDED, actor=actor, subject=current)
    if not BorrowerAccess.objects.filter(account=current.account, ended_at=None).exists():
        invitations_withdraw(actor=actor, account=current.account)
        sessions_end_of_person(actor=actor, person=current.account.person, reason="access_ended")
    return current


def _need_fresh(actor: Actor, subject: Borrower | BorrowerAccess) -> None:
    if not actor.is_fresh(clock.now()):
        raise StepUpNeeded(subject=subject, action=Permission.BORROWER_INVITE)


def _live(borrower: Borrower) -> models.QuerySet[BorrowerAccess]:
    return BorrowerAccess.objects.filter(borrower=borrower, ended_at=None)


def _invitable(borrower: Borrower, party: Party) -> Party:
    """The person, if they speak for or own the business, have an address on file and no access yet."""
    person = Party.objects.select_related("key_owner").filter(pk=party.pk, borrower=borrower).first()
    if person is None:
        raise NotVisible(subject=party)
    if not Interest.objects.filter(party=person, ended_on=None, kind__in=INVITED).exists():
        raise BadInput({"party": [_("Invite an owner, the legal representative or a signer of the business.")]})
    if not person.email:
        raise BadInput({"party": [_("This person has no e-mail address on file. Enter it first.")]})
    if _live(borrower).filter(party=person).exists():
        raise BadInput({"party": [_("This person has access already. Send a new link instead.")]})
    return person


def _account_for(actor: Actor, person: Party, language: str) -> tuple[Account, str]:
    """The person's own account of the portal with ``""``, or a new one with the token of its link."""
    email, name = str(person.email.reveal()), str(person.name.reveal())
    known = accounts_with_email(email)
    if not known:
        who = Particulars(
            handle=rules.new_handle(), name=name, email=email, kind=AccountKind.BORROWER,
            **({"language": language} if language else {}),
        )  # fmt: skip
        invited = person_invite(actor=actor, who=who)
        return invited.account, invited.token
    account = known[0]
    if account.is_staff_kind:
        raise BadInput({"party": [_("A member of staff uses this e-mail address. Nobody acts for both sides.")]})
    if fold(str(account.person.name.reveal())) != fold(name):
        raise BadInput(
            {"party": [_("Somebody of another name uses this e-mail address. Each person needs their own.")]}
        )
    if _live(person.borrower).filter(account=account).exists():
        raise BadInput({"party": [_("This e-mail address has access already.")]})
    return account, "" if account.password_at else person_reinvite(actor=actor, account=account).token

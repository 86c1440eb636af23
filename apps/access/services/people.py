"""Administration of people: who may invite, suspend and restore whom. The rows are made by accounts."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.access import roles, selectors
from apps.access.administration import Change, asking
from apps.access.models import Delegation
from apps.access.ports import Ports
from apps.access.services.authority import authorize, held_back
from apps.access.services.closing import requests_close
from apps.access.services.delegating import delegations_withdraw
from apps.access.services.granting import Assignment, roles_grant
from apps.accounts.models import Account, AccountKind
from apps.accounts.services import people
from apps.accounts.services.invitations import invitation_mail
from apps.accounts.services.passkeys import passkeys_retire_all
from apps.accounts.services.people import Particulars
from apps.accounts.services.sessions import sessions_end_of_person
from apps.audit.services import act
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, Refused, StepUpNeeded
from apps.core.permissions import Permission


@act
def staff_invite(
    *, actor: Actor, who: Particulars, assignments: Sequence[Assignment], reason: str, site: str
) -> Account:
    """Invite a member of staff and grant the roles; all or nothing. Needs a fresh factor.

    The one-time link goes to the person by mail and to nobody else; ``site`` is the address that it begins with.
    """
    may_administer(actor, Change.INVITE)
    if who.kind != AccountKind.STAFF:
        raise BadInput({"kind": [_("Invite a borrower from the page of their business.")]})
    if not assignments:
        raise BadInput({"role": [_("Choose at least one role.")]})
    invited = people.person_invite(actor=actor, who=who)
    roles_grant(actor=actor, person=invited.account.person, assignments=assignments, reason=reason)
    invitation_mail(invited.account, invited.token, site)
    return invited.account


@act
def staff_reinvite(*, actor: Actor, account: Account, site: str) -> None:
    """Mail a colleague a new link; never oneself."""
    may_administer(actor, Change.REINVITE, account)
    invited = people.person_reinvite(actor=actor, account=account)
    invitation_mail(account, invited.token, site)


@act
def staff_suspend(*, actor: Actor, account: Account, reason: str) -> Account:
    """Suspend an account; never one's own, never the last administrator's. Whoever it leaves without any lets go of all they hold:
    their cases go to the leads, delegations from and to them end, what they have asked for is closed.
    """
    may_administer(actor, Change.SUSPEND, account)
    if not _other_administrators(actor, account):
        raise Refused("last_administrator", _("The last administrator cannot be suspended."), subject=account)
    suspended = people.account_suspend(actor=actor, account=account, reason=reason)
    if not Account.objects.filter(person=account.person_id, is_active=True, kind=AccountKind.STAFF).exists():
        _let_go(actor, account.person_id)
    return suspended


@act
def staff_restore(*, actor: Actor, account: Account, reason: str) -> Account:
    """Restore a suspended account: for administrators, as it gives access."""
    may_administer(actor, Change.RESTORE, account)
    return people.account_restore(actor=actor, account=account, reason=reason)


@act
def staff_passkeys_retire(*, actor: Actor, account: Account) -> int:
    """Revoke a colleague's passkeys, for whoever may suspend: all sessions end; returns how many passkeys there were.

    A one-time code opens the account as before, and a passkey that it adds does not sign for a day.
    """
    may_manage(actor, Permission.PEOPLE_SUSPEND, account)
    sessions_end_of_person(actor=actor, person=account.person, reason="passkeys_revoked")
    return passkeys_retire_all(actor=actor, account=account, reason="officer")


@act
def staff_unlock(*, actor: Actor, account: Account) -> None:
    """Lift a lock-out before its time."""
    may_administer(actor, Change.UNLOCK, account)
    people.lock_lift(actor=actor, account=account)


def may_administer(actor: Actor, change: Change, account: Account | None = None) -> None:
    """Raise unless the actor may do such a change, proved a factor just now and means somebody else."""
    may_manage(actor, asking(change), account)


def may_manage(actor: Actor, permission: Permission, account: Account | None = None) -> None:
    """The same for a permission over the house."""
    authorize(actor, permission)
    if actor.is_system:
        return
    if account is not None and account.person_id == actor.person_id:
        raise Refused(
            "own_account", _("Ask another administrator: nobody does this to their own account."), subject=account
        )
    if not actor.is_fresh(clock.now()):
        raise StepUpNeeded(subject=account, action=permission)


def _let_go(actor: Actor, person_id: int) -> None:
    either = Delegation.objects.filter(Q(principal=person_id) | Q(deputy=person_id), ends__gt=clock.now())
    delegations_withdraw(actor=actor, rows=either)
    requests_close(actor=actor, person_id=person_id)
    Ports.leaving(actor, person_id)


def _other_administrators(actor: Actor, account: Account) -> bool:
    """Tell whether somebody administers without this account: one is enough here, as an offender is stopped at once.

    Who is held back after a lost factor does not leave the house to themselves: others could not stop them any more.
    """
    gone = {account.person_id, *([actor.person_id] if held_back(actor) else [])}
    holders = selectors.grants_live().filter(role=roles.Role.ADMINISTRATOR, person=account.person)
    return not holders.exists() or bool(selectors.persons_able(Permission.ROLE_GRANT) - gone)

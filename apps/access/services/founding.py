"""A first start, in one act: keys, institution, two administrators, and what upper floors lay down to work with."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from apps.access.administration import FEWEST_ADMINISTRATORS
from apps.access.ports import SEEDS
from apps.access.roles import Role
from apps.access.services.granting import a_year, role_found
from apps.accounts import selectors
from apps.accounts.models import Account
from apps.accounts.services import people, places
from apps.accounts.services.people import Invited, Particulars
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core.actor import Actor
from apps.core.errors import BadInput, Refused
from apps.core.packs import pack_for
from apps.vault.services import installation_owner


@dataclass(frozen=True, slots=True)
class Founding:
    """What a first start is told."""

    name: str
    pack: str
    administrators: Sequence[str]


def founding_check(plan: Founding) -> None:
    """Raise ``BadInput`` for what can be told before anything is made."""
    mails = {mail.casefold() for mail in plan.administrators}
    if len(mails) < FEWEST_ADMINISTRATORS or len(mails) < len(plan.administrators):
        raise BadInput(_("Name at least two administrators, each with an e-mail address of their own."))
    if selectors.institution() is not None:
        raise BadInput(_("This installation was made already; nothing was changed. People are invited in the browser."))


@act
def institution_found(*, actor: Actor, plan: Founding) -> list[Invited]:
    """Make the installation's keys, the institution, its administrators with their one-time links, and its first terms.

    Their roles end after a year like anybody's, and are announced like anybody's: by then a third gives them anew.
    """
    founding_check(plan)
    record(Tag.KEY_OWNER_CREATED, actor=actor, subject=installation_owner())
    institution = places.institution_create(actor=actor, name=plan.name, pack=plan.pack)
    language = pack_for(plan.pack).language
    made = []
    for number, mail in enumerate(plan.administrators, start=1):
        # a handle that can be guessed can be locked out by strangers before its person has ever signed in
        who = Particulars(
            handle=f"admin-{secrets.token_hex(3)}", name=f"Administrator {number}", email=mail, language=language
        )
        invited = people.person_invite(actor=actor, who=who)
        reason = f"founding of {institution.name}"[:300]
        role_found(
            actor=actor, person=invited.account.person, role=Role.ADMINISTRATOR, branch=None, reason=reason, ends=a_year()
        )  # fmt: skip
        made.append(invited)
    _lay_down(actor, plan.pack)
    return made


@act
def first_terms_lay_down(*, actor: Actor) -> None:
    """Lay down what a first start does, where it is missing: products, reasons, policy. What is there stays as it is."""
    institution = selectors.institution()
    if institution is None:
        raise BadInput(_("The institution is not set up yet: run “manage.py init”."))
    _lay_down(actor, institution.pack)


def _lay_down(actor: Actor, pack: str) -> None:
    for seed in SEEDS.values():
        seed(actor, pack_for(pack))


@act
def invitation_renew(*, actor: Actor, handle: str) -> Invited:
    """Make a new link for somebody who never enrolled, such as an administrator whose first link lapsed."""
    account = Account.objects.select_related("person").filter(handle=handle, is_active=True).first()
    if account is None:
        raise BadInput(_("There is no active account with this handle."))
    if account.enrolled_at is not None:
        raise Refused(
            "enrolled", _("This account is enrolled; another administrator can invite it again."), subject=account
        )
    return people.person_reinvite(actor=actor, account=account)

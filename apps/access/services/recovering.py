"""The way out of a house that cannot give powerful roles any more: an administrator made by command, by two named people.

Only where fewer than two administrators are able, for a month, for somebody whom four people gave a role already. Whoever
stands behind it proves it with their own code; the command alone does nothing. How many they are and whom it may be for is a
row of ``administration.RULES``, which the proof of duties reads.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Sequence

from django.utils.translation import gettext_lazy as _

from apps.access.administration import AGREEING, FEWEST_ADMINISTRATORS, RULES, Change, asking
from apps.access.models import RoleGrant
from apps.access.ports import Ports
from apps.access.roles import POWERFUL, Role
from apps.access.selectors import grants_live, persons_able
from apps.access.services.authority import authorize
from apps.access.services.demands import reason_fit
from apps.access.services.granting import role_found
from apps.accounts.models import Account, Person
from apps.accounts.selectors import staff_accounts
from apps.accounts.services.factors import totp_prove
from apps.accounts.services.sessions import sessions_end_of_person
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput
from apps.core.permissions import Permission

LASTS = dt.timedelta(days=30)
"""Time in which the house gives the role in the ordinary way."""
TOLD = "role_recovered"


def recovery_check(handle: str, by: Sequence[str]) -> tuple[Account, list[Account]]:
    """Return whom the role is for and who stand behind it; raises ``BadInput`` where it may not be, before anybody types a code."""
    if len(persons_able(Permission.ROLE_GRANT)) >= FEWEST_ADMINISTRATORS:
        raise BadInput(_("Two administrators can sign in: they give the role in the browser."))
    rule, account, behind = RULES[Change.RECOVER], _able(handle), [_able(each) for each in by]
    people = {each.person_id for each in behind}
    if len(people) != rule.behind or len(behind) != rule.behind or account.person_id in people:
        raise BadInput(_("Two people stand behind it, neither of them the one whom it is for."))
    if _trusted(people) != people:
        raise BadInput(_("Whoever stands behind it holds a role that takes four people to give."))
    for each in behind:
        if each.signs_from is not None and clock.now() < each.signs_from:
            words = _(
                "Factors of %(handle)s were replaced after a loss a short time ago: somebody else stands behind it."
            )
            raise BadInput(words % {"handle": each.handle})
    if rule.trusted and not _trusted({account.person_id}):
        raise BadInput(_("Whom it is for holds a role already that takes four people to give."))
    return account, behind


def _trusted(people: set[int]) -> set[int]:
    """Those of some persons who hold a powerful role, not bound to an engagement."""
    powerful = grants_live().filter(person_id__in=people, role__in=POWERFUL, by_engagement=False)
    return set(powerful.values_list("person_id", flat=True))


def administrator_recover(
    *, actor: Actor, handle: str, by: Sequence[str], code_of: Callable[[str], str], reason: str
) -> RoleGrant:
    """Make a member of staff an administrator for a month. ``by``: handles of who stand behind it; ``code_of`` asks one for a code.

    Each code is proved, and counts, by itself, as soon as it is typed: it would die while the next is. Raises ``BadInput``
    and ``Refused``.
    """
    words = reason_fit(reason)
    _account, behind = recovery_check(handle, by)
    claimed = dataclasses.replace(
        Actor.anonymous(), channel=actor.channel
    )  # named in the log by the account they claim
    for each in behind:
        totp_prove(actor=claimed, account=each, code=code_of(each.handle))
    return _recover(actor=actor, handle=handle, by=by, reason=words)


@act
def _recover(*, actor: Actor, handle: str, by: Sequence[str], reason: str) -> RoleGrant:
    authorize(actor, asking(Change.RECOVER))
    list(Person.objects.select_for_update().filter(pk__in=persons_able(Permission.ROLE_GRANT)).order_by("pk"))
    account, behind = recovery_check(handle, by)
    grant = role_found(
        actor=actor, person=account.person, role=Role.ADMINISTRATOR, branch=None, reason=reason, ends=clock.now() + LASTS
    )  # fmt: skip
    sessions_end_of_person(actor=actor, person=account.person, reason="role_change")
    told = {person for permission in AGREEING for person in persons_able(permission)}
    Ports.tell(sorted(told | {account.person_id, *(each.person_id for each in behind)}), TOLD)
    note = {"role": grant.role, "by": [each.person_id for each in behind], "reason": reason, "until": str(grant.until)}
    record(Tag.ROLE_RECOVERED, actor=actor, subject=grant, note=note)
    return grant


def _able(handle: str) -> Account:
    found = staff_accounts().select_related("person").filter(handle=handle, is_active=True, enrolled_at__isnull=False)
    account = found.first()
    if account is None:
        raise BadInput(_("There is no member of staff with an account in use: %(handle)s.") % {"handle": handle})
    return account

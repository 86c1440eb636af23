"""Administration of people as data: who asks for a change, who else has to agree, and what it puts into whose hands.

The services enforce these rows and nothing beside them; the proof (``apps.workflow.proof``) reads the same rows, and counts
how many people who work together they hold back. What gives nothing to anybody needs one person; what makes somebody
powerful needs four, so that three together can invent nobody who approves or pays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from apps.access.roles import ADMINISTERING, POWERFUL, ROLE_TABLE, Role
from apps.core.permissions import Permission

P = Permission


class Change(StrEnum):
    """What is done to people, their accounts, rights and places."""

    INVITE = "invite"
    REINVITE = "reinvite"
    SUSPEND = "suspend"
    RESTORE = "restore"
    UNLOCK = "unlock"
    ROLE = "role"
    POWERFUL_ROLE = "powerful_role"
    ROLE_END = "role_end"
    FACTOR_RESET = "factor_reset"
    MAILBOX = "mailbox"
    BRANCH = "branch"
    PASSKEY_OFF = "passkey_off"
    MANAGER = "manager"
    RECOVER = "recover"


class Gives(StrEnum):
    """What a change hands over, as far as offenders could use it."""

    NOTHING = "nothing"
    PERSON = "person"  # an account of somebody nobody has ever met
    ROLE = "role"
    PASSWORD = "password"
    FACTOR = "factor"
    MAILBOX = "mailbox"
    PLACE = "place"


class To(StrEnum):
    """Whose hands it goes into: whom it is for, by the mailbox on file, or whoever asked for it."""

    OWNER = "owner"
    ASKER = "asker"


@dataclass(frozen=True, slots=True)
class Rule:
    """Permission of who asks (``None``: there is no such door), of those who have to agree besides, and what it gives.

    All who have a hand in one change are different people, and none of them is whom it is for (``apart``).
    ``enrolled``: it counts only once whom it is for has a factor of their own. ``behind``: so many who hold a powerful role
    stand behind it, each with a code of their own. ``trusted``: it is only for who holds a powerful role already.
    """

    asks: Permission | None
    agree: tuple[Permission, ...] = ()
    gives: Gives = Gives.NOTHING
    to: To = To.OWNER
    apart: bool = True
    enrolled: bool = False
    behind: int = 0
    trusted: bool = False


# fmt: off
RULES: Mapping[Change, Rule] = {
    # the address is whatever the inviter types: this is how people are invented
    Change.INVITE: Rule(P.PEOPLE_INVITE, gives=Gives.PERSON),
    Change.REINVITE: Rule(P.PEOPLE_INVITE, gives=Gives.PASSWORD),
    Change.SUSPEND: Rule(P.PEOPLE_SUSPEND),
    Change.RESTORE: Rule(P.PEOPLE_INVITE),
    Change.UNLOCK: Rule(P.PEOPLE_INVITE),
    Change.ROLE: Rule(P.ROLE_GRANT, gives=Gives.ROLE),
    # one administrator asks; another, somebody who leads and somebody who watches over the house agree
    Change.POWERFUL_ROLE: Rule(P.ROLE_GRANT, (P.ROLE_APPROVE, P.ROLE_ENDORSE, P.ROLE_CONFIRM), Gives.ROLE, enrolled=True),
    Change.ROLE_END: Rule(P.ROLE_GRANT),
    # whoever lost a factor sets up a new one by a link to the mailbox on file, and by nothing else; saying so starts nothing
    Change.FACTOR_RESET: Rule(P.PEOPLE_INVITE, (P.ROLE_APPROVE,), Gives.FACTOR),
    # nobody moves the mailbox on file of a member of staff: whoever did would open the account with the next two lines
    Change.MAILBOX: Rule(None, gives=Gives.MAILBOX),
    Change.BRANCH: Rule(P.BRANCH_MANAGE, gives=Gives.PLACE),
    # whoever takes the passkey off a role makes codes enough for all who hold it; putting it on needs the one who asks
    Change.PASSKEY_OFF: Rule(P.PEOPLE_INVITE, (P.ROLE_APPROVE,)),
    # a line manager's agreement comes before the lines above, and stands in for none of them: it opens nothing by itself
    Change.MANAGER: Rule(P.PEOPLE_INVITE),
    # by command, where fewer than two administrators are able. Whoever types it is nobody: it is the two with their codes
    # who do it. Somebody whom four people gave power becomes one, as nobody could tell an invented clerk from a real one
    Change.RECOVER: Rule(P.ROLE_FOUND, gives=Gives.ROLE, behind=2, trusted=True),
}
# fmt: on

AGREEING: frozenset[Permission] = frozenset(RULES[Change.POWERFUL_ROLE].agree)
"""Permissions of those who agree to a powerful role."""


FEWEST_ADMINISTRATORS = 2
"""Able administrators without whom no powerful role can be given, not even a third administrator's."""


def role_change(role: str) -> Change:
    """Which change it is to give a role."""
    return Change.POWERFUL_ROLE if Role(role) in POWERFUL else Change.ROLE


def asking(change: Change) -> Permission:
    """Permission that a change is asked with; raises ``LookupError`` for what nobody may do."""
    permission = RULES[change].asks
    if permission is None:
        raise LookupError(f"nobody may do this: {change}")
    return permission


@dataclass(frozen=True, slots=True)
class Handing:
    """How a right is handed to a deputy for a time: what never is, who agrees where it is powerful, and whom duties bind.

    A deputy's act is checked on deputy and principal, and lays its duty on both. The deputy's own roles and the one handed
    over must be such as may meet in one person.
    """

    never: frozenset[Permission]
    second: Permission | None
    checks_principal: bool = True
    checks_deputy: bool = True
    lays_on_principal: bool = True
    lays_on_deputy: bool = True

    def checked(self, deputy: int | None, principal: int | None) -> tuple[int, ...]:
        """Persons whose duties and ties are looked at before an act."""
        return _named((deputy, self.checks_deputy), (principal, self.checks_principal))

    def bound(self, deputy: int | None, principal: int | None) -> tuple[int, ...]:
        """Persons on whom an act lays its duty."""
        return _named((deputy, self.lays_on_deputy or principal is None), (principal, self.lays_on_principal))

    def may_be_handed(self, role: str) -> bool:
        """Tell whether a role may be handed over at all."""
        return role != Role.BORROWER and not ROLE_TABLE[Role(role)] & self.never


def _named(*people: tuple[int | None, bool]) -> tuple[int, ...]:
    return tuple(person for person, is_meant in people if person is not None and is_meant)


HANDING = Handing(
    never=ADMINISTERING | AGREEING | {P.PEOPLE_SUSPEND, P.AUDIT_VIEW, P.PAYMENT_CONFIRM, P.REPAYMENT_POST},
    second=P.ROLE_ENDORSE,
)
"""Whoever administers, agrees to roles, watches, or enters money that came in does so in person: no duty binds those acts to
two people. A lead agrees where power is handed over."""

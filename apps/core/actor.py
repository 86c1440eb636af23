"""Who acts: plain, frozen facts about a person, borrower, system job or stranger.

Built in one place (``apps.access.middleware`` for requests, ``Actor.system`` for jobs and commands), taken by every floor.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal
from enum import StrEnum

FRESH = dt.timedelta(minutes=5)
"""How long a factor counts as proved just now."""


class ActorKind(StrEnum):
    """What sort of principal acts."""

    PERSON = "person"
    BORROWER = "borrower"
    SYSTEM = "system"
    ANONYMOUS = "anonymous"


class Factor(StrEnum):
    """How a person proved who they are, beyond the password."""

    NONE = ""
    TOTP = "totp"
    RECOVERY = "recovery"
    EMAIL = "email"
    PASSKEY = "passkey"


@dataclasses.dataclass(frozen=True, slots=True)
class HeldRole:
    """A role held now, with the ids of the branches it covers (subtrees expanded); ``None`` covers all branches.

    An ``engaged`` one reads what audit engagements in force name: branches, single cases, borrowers with all their cases.
    """

    role: str
    branch_ids: frozenset[int] | None = None
    case_ids: frozenset[int] = frozenset()
    borrower_ids: frozenset[int] = frozenset()
    engaged: bool = False

    def covers(self, branch_id: int | None) -> bool:
        """Tell whether the role reaches a branch."""
        return self.branch_ids is None or (branch_id is not None and branch_id in self.branch_ids)

    def names(self, case_id: int | None, borrower_id: int | None) -> bool:
        """Tell whether the role reaches a case or a borrower by name."""
        return case_id in self.case_ids or borrower_id in self.borrower_ids


@dataclasses.dataclass(frozen=True, slots=True)
class Actor:
    """Everything the floors may know of who acts: ids and names of handles, never personal data.

    ``needs_passkey`` says that a role held now asks for one: a one-time code is then no step-up. ``signs_from`` is the moment
    before which nothing is signed or released: lost factors were taken away not long ago.
    ``displaced``: the session is used from elsewhere than its factor was proved, which counts for nothing here.
    A member of staff who acts for another holds the right handed over and nothing else (``held``), up to an amount (``most``).
    """

    kind: ActorKind
    name: str
    person_id: int | None = None
    account_id: int | None = None
    held: tuple[HeldRole, ...] = ()
    borrower_ids: frozenset[int] = frozenset()
    tied_borrower_ids: frozenset[int] = frozenset()
    on_behalf_of: int | None = None
    on_behalf_name: str = ""
    most: Decimal | None = None
    session: str = ""
    factor: Factor = Factor.NONE
    factor_at: dt.datetime | None = None
    needs_passkey: bool = False
    signs_from: dt.datetime | None = None
    displaced: bool = False
    address: str = ""
    device: str = ""
    channel: str = "web"
    request_id: str = ""

    @classmethod
    def system(
        cls, name: str, *, channel: str = "command", on_behalf_of: int | None = None, on_behalf_name: str = ""
    ) -> Actor:
        """Build a named system actor such as ``system:imports``."""
        return cls(
            kind=ActorKind.SYSTEM,
            name=f"system:{name}",
            channel=channel,
            on_behalf_of=on_behalf_of,
            on_behalf_name=on_behalf_name,
        )

    @classmethod
    def anonymous(cls, *, address: str = "", device: str = "", request_id: str = "") -> Actor:
        """Build the actor of a request that nobody has signed in to."""
        return cls(kind=ActorKind.ANONYMOUS, name="anonymous", address=address, device=device, request_id=request_id)

    @property
    def is_system(self) -> bool:
        """Tell whether a job or command acts."""
        return self.kind is ActorKind.SYSTEM

    @property
    def is_borrower(self) -> bool:
        """Tell whether a borrower acts in the portal."""
        return self.kind is ActorKind.BORROWER

    @property
    def is_person(self) -> bool:
        """Tell whether a member of staff acts."""
        return self.kind is ActorKind.PERSON

    @property
    def is_deputy(self) -> bool:
        """Tell whether a member of staff acts for another."""
        return self.is_person and self.on_behalf_of is not None

    @property
    def persons(self) -> frozenset[int]:
        """Who stands behind the act: the person, and whom they act for. What one may not do, neither may."""
        return frozenset(each for each in (self.person_id, self.on_behalf_of) if each is not None)

    @property
    def role_names(self) -> frozenset[str]:
        """Names of all roles held now."""
        return frozenset(held.role for held in self.held)

    @property
    def branch_ids(self) -> frozenset[int]:
        """Ids of all branches named by any held role; roles over all branches add none, see ``everywhere``."""
        return frozenset(branch for held in self.held for branch in held.branch_ids or ())

    @property
    def everywhere(self) -> bool:
        """Tell whether any held role covers all branches."""
        return any(held.branch_ids is None for held in self.held)

    def factor_age(self, at: dt.datetime) -> dt.timedelta | None:
        """Time since the second factor was proved, or ``None`` when it never was."""
        return None if self.factor_at is None else at - self.factor_at

    def is_fresh(self, at: dt.datetime, limit: dt.timedelta = FRESH) -> bool:
        """Tell whether a staff factor was proved within ``limit`` (step-up); where a role needs a passkey, a passkey."""
        return self.is_present(at, limit) and (self.factor is Factor.PASSKEY or not self.needs_passkey)

    def is_present(self, at: dt.datetime, limit: dt.timedelta = FRESH) -> bool:
        """Tell whether any staff factor was proved within ``limit``: enough to add one's first passkey."""
        proved = self.factor in {Factor.TOTP, Factor.PASSKEY} and not self.displaced
        return proved and _is_within(self.factor_age(at), limit)

    def is_confirmed(self, at: dt.datetime, limit: dt.timedelta = FRESH) -> bool:
        """Tell whether the account's own factor was proved within ``limit``: a borrower's is a code by e-mail.

        It lets borrowers at their own data again, and never signs anything off; for staff it is ``is_fresh``.
        """
        if not self.is_borrower:
            return self.is_fresh(at, limit)
        return self.factor is Factor.EMAIL and not self.displaced and _is_within(self.factor_age(at), limit)


def _is_within(age: dt.timedelta | None, limit: dt.timedelta) -> bool:
    return age is not None and dt.timedelta(seconds=-5) <= age <= limit

"""The people of the demo bank: one role each at two branches, and the head office."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from apps.access.actors import actor_of
from apps.access.roles import POWERFUL, Role
from apps.access.selectors import grants_waiting
from apps.access.services import grant_approve, role_found, role_grant
from apps.access.services.rights import manager_set
from apps.accounts.models import Account, AccountKind, Branch, Person
from apps.accounts.services.people import Particulars, demo_person_make
from apps.core import clock
from apps.core.actor import Actor, Factor

DEMO = Actor.system("demo", channel="command")
AT_BRANCH = (
    ("officer", Role.LOAN_OFFICER, 3),
    ("analyst", Role.CREDIT_ANALYST, 2),
    ("appraiser", Role.APPRAISER, 2),
    ("approver", Role.APPROVER_1, 2),
    ("senior", Role.APPROVER_2, 2),
    ("reviewer", Role.DISBURSEMENT_REVIEWER, 1),
    ("maker", Role.PAYMENT_MAKER, 1),
    ("checker", Role.PAYMENT_CHECKER, 1),
    ("postloan", Role.POST_LOAN_OFFICER, 2),
    ("lead", Role.TEAM_LEAD, 1),
)
AT_HEAD_OFFICE = (
    ("director", Role.APPROVER_3, 1),
    ("head-of-credit", Role.HEAD_OF_CREDIT, 1),
    ("secretary", Role.COMMITTEE_SECRETARY, 1),
    ("compliance", Role.COMPLIANCE_OFFICER, 1),
    ("auditor", Role.AUDITOR, 1),
    ("security", Role.SECURITY_OFFICER, 1),
    ("admin", Role.ADMINISTRATOR, 2),
)
OUTSIDE = ("outside", Role.AUDITOR)
"""Where the cast has the auditor from outside, who reads what an engagement names."""
NAMES = (
    ("Zhou Ming", "周明"),
    ("He Jie", "何洁"),
    ("Lin Bo", "林波"),
    ("Gao Yu", "高宇"),
    ("Xu Na", "徐娜"),
    ("Tang Kai", "唐凯"),
    ("Song Mei", "宋梅"),
)


@dataclass(slots=True)
class Cast:
    """Accounts by branch and role; ``act`` makes the actor of one, with a factor proved just now."""

    accounts: dict[tuple[str, str], list[Account]] = field(default_factory=dict)
    borrower: Account | None = None
    known: dict[int, Actor] = field(default_factory=dict)

    def of(self, branch: str, role: str, at: int = 0) -> Account:
        """The ``at``-th person (counted round) of a role at a branch, or at head office."""
        people = self.accounts.get((branch, role)) or self.accounts[("", role)]
        return people[at % len(people)]

    def act(self, branch: str, role: str, at: int = 0) -> Actor:
        """The actor of a person, at this moment of the clock; nobody's roles change in the book."""
        account = self.of(branch, role, at)
        if account.pk not in self.known:
            self.known[account.pk] = act(account)
        return replace(self.known[account.pk], factor_at=clock.now())


def act(account: Account) -> Actor:
    """The actor of an account, with its factor proved now."""
    factor = Factor.TOTP if account.is_staff_kind else Factor.EMAIL
    return actor_of(
        account, session="demo", factor=factor, factor_at=clock.now(), address="127.0.0.1", channel="command"
    )


def cast_make(branches: dict[str, Branch]) -> Cast:
    """Make everybody, enrolled at once; the first administrator asks for the roles, the second one, the head of credit and the
    compliance officer agree. Those two come first: whom a house has not yet, it does not wait for."""
    cast, number = Cast(), 0
    for code in branches:
        for stem, role, count in AT_BRANCH:
            cast.accounts[(code, role)] = [
                _made(f"{stem}-{code.lower()}-{at + 1}", number := number + 1) for at in range(count)
            ]
    for stem, role, count in AT_HEAD_OFFICE:
        cast.accounts[("", role)] = [
            _made(f"{stem}-{at + 1}" if count > 1 else stem, number := number + 1) for at in range(count)
        ]
    administrators = cast.accounts[("", Role.ADMINISTRATOR)]
    for account in administrators:
        role_found(actor=DEMO, person=account.person, role=Role.ADMINISTRATOR, branch=None, reason="demo")
    first = [("", Role.HEAD_OF_CREDIT), ("", Role.COMPLIANCE_OFFICER)]
    others = [key for key in cast.accounts if key not in first and key[1] != Role.ADMINISTRATOR]
    agreeing = [administrators[1], *(cast.accounts[key][0] for key in first)]
    for code, held in [*first, *others]:
        for account in cast.accounts[(code, held)]:
            _granted(act(administrators[0]), agreeing, account.person, held, branches.get(code))
    _led(act(administrators[0]), cast)
    cast.accounts[OUTSIDE] = [_made("outside-auditor", number + 1)]
    for account in cast.accounts[OUTSIDE]:
        _granted(act(administrators[0]), agreeing, account.person, Role.AUDITOR, None, bound=True)
    who = Particulars("borrower", "Wang Wei", "borrower@firm.example", kind=AccountKind.BORROWER)
    cast.borrower = demo_person_make(actor=DEMO, who=who)
    return cast


def _led(one: Actor, cast: Cast) -> None:
    """A branch's people report to its lead, the leads and head office to the head of credit; that one and the administrators to nobody."""
    head = cast.accounts[("", Role.HEAD_OF_CREDIT)][0].handle
    for (code, role), accounts in cast.accounts.items():
        above = head if not code or role == Role.TEAM_LEAD else cast.accounts[(code, Role.TEAM_LEAD)][0].handle
        for account in accounts if role not in {Role.HEAD_OF_CREDIT, Role.ADMINISTRATOR} else ():
            manager_set(actor=one, account=account, handle=above)


def _granted(
    one: Actor, agreeing: Sequence[Account], person: Person, role: str, branch: Branch | None, *, bound: bool = False
) -> None:
    grant = role_grant(actor=one, person=person, role=role, branch=branch, reason="demo", bound=bound)
    for account in agreeing if role in POWERFUL else ():
        if grants_waiting().filter(pk=grant.pk).exists():
            grant_approve(actor=act(account), grant=grant)


def _made(handle: str, number: int) -> Account:
    english, chinese = NAMES[number % len(NAMES)]
    who = Particulars(
        handle, english if number % 2 else chinese, f"{handle}@bank.example", language="en" if number % 2 else "zh-hans"
    )
    return demo_person_make(actor=DEMO, who=who)

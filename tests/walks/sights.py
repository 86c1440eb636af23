"""A small bank, and what may widen or narrow one person's sight of it: roles, deputies' rights, engagements, shares, blocks, ties.

Everything is laid down as rows with dates around one fixed moment, and read back as a request reads it: by ``actor_of`` and
``deputising``, never by an actor put together by hand.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.contrib.auth.models import Permission as Codename
from django.contrib.contenttypes.models import ContentType
from hypothesis import strategies as st

from apps.access.actors import actor_of, deputising
from apps.access.delegations import standing_of
from apps.access.models import Delegation, RoleGrant
from apps.access.roles import Role
from apps.accounts.models import Account, Branch
from apps.borrowers.models import Party, StaffInterest
from apps.core import clock
from apps.core.actor import Actor
from apps.core.permissions import Permission
from apps.disbursement.models import Drawdown, PaymentOrder
from apps.post_loan.models import Loan
from apps.workflow.models import (
    CaseBlock,
    Engagement,
    EngagementAuditor,
    EngagementPlace,
    LoanCase,
    LoanCaseUserObjectPermission,
)
from tests.accounts import factories as people
from tests.borrowers import factories as businesses
from tests.workflow import factories

NAME = "Zhang Meiling"
"""Who stands behind every business of the bank."""
SELF, PRINCIPAL, BRANCHES, CASES = 0, 1, 6, 8
MOMENT = dt.datetime(2026, 6, 15, 4, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Bank:
    """Six branches in a tree, a case in each and two more of one business; a loan and a payment of every case."""

    branches: Sequence[Branch]
    cases: Sequence[LoanCase]
    parties: Sequence[Party]
    loans: Sequence[Loan]
    payments: Sequence[Drawdown]
    orders: Sequence[PaymentOrder]
    persons: Sequence[Account]
    others: Account
    viewing: Codename


@dataclass(frozen=True)
class Span:
    """From when until when, in days around the moment; no end is no end."""

    starts: int
    ends: int | None

    @property
    def begin(self) -> dt.datetime:
        """The moment from which it counts."""
        return MOMENT + dt.timedelta(days=self.starts)

    @property
    def end(self) -> dt.datetime | None:
        """The moment from which it counts no more."""
        return None if self.ends is None else MOMENT + dt.timedelta(days=self.ends)


@dataclass(frozen=True)
class Given:
    """A role of the person or of the principal, over a branch or everywhere."""

    who: int
    role: Role
    branch: int | None
    span: Span


@dataclass(frozen=True)
class Handed:
    """The principal's right in the person's hands; where it needs a lead's agreement, whether that was given."""

    role: Role
    branch: int | None
    span: Span
    agreed: bool | None


@dataclass(frozen=True)
class Engaged:
    """An engagement of an auditor, of this person or of another one, with what it names."""

    mine: bool
    agreed: bool
    span: Span
    branches: frozenset[int]
    cases: frozenset[int]
    borrowers: frozenset[int]


@dataclass(frozen=True)
class Sight:
    """All that bears on what one person sees; exceptions are (whose, case, how long)."""

    given: list[Given]
    bound: Span | None
    handed: Handed | None
    engaged: list[Engaged]
    shared: dict[tuple[int, int], int | None]
    blocked: dict[tuple[int, int], int | None]
    tied: dict[tuple[int, int], int | None]


STAFF = sorted(role for role in Role if role != Role.BORROWER)
HANDED = [Role.LOAN_OFFICER, Role.CREDIT_ANALYST, Role.APPROVER_1]
ROLES = st.sampled_from(HANDED) | st.sampled_from(STAFF)
BRANCH = st.sampled_from([None, *range(BRANCHES)])
ENDED = st.sampled_from([Span(-9, 1)] * 6 + [Span(0, 1), Span(-9, 0), Span(1, 1)])
SPANS = ENDED | st.just(Span(-9, None))
"""Most are in force; some begin or end just now, or begin later."""
SOME_CASES = st.frozensets(st.integers(0, CASES - 1), max_size=2)
ENGAGEMENTS = st.builds(
    Engaged, st.sampled_from([True, True, True, False]), st.sampled_from([True, True, True, False]), ENDED,
    st.frozensets(st.integers(0, BRANCHES - 1), max_size=1), SOME_CASES, SOME_CASES,
)  # fmt: skip


def exceptions(whose: list[int], most: int) -> st.SearchStrategy[dict[tuple[int, int], int | None]]:
    """Cases by whose exception they are, with the day it ends."""
    of = st.tuples(st.sampled_from(whose), st.integers(0, CASES - 1))
    return st.dictionaries(of, st.sampled_from([None, 1, 1, 0, -1]), max_size=most)


@st.composite
def sights(draw: st.DrawFn) -> Sight:
    """Somebody with roles of their own, with another's right in hand, bound to engagements, or all of it at once."""
    shape = draw(st.sampled_from(["staff", "deputy", "auditor", "all"]))
    own = st.builds(Given, st.just(SELF), ROLES, BRANCH, SPANS)
    given = draw(st.lists(own, min_size=int(shape == "staff"), max_size=3 if shape == "staff" else 1))
    handed, bound, engaged = None, None, list[Engaged]()
    if shape in {"deputy", "all"}:
        role = draw(st.sampled_from(HANDED))
        given.append(Given(PRINCIPAL, role, draw(BRANCH), draw(SPANS)))
        handed = Handed(role, draw(BRANCH), draw(ENDED), draw(st.sampled_from([None, True, True, False])))
    if shape in {"auditor", "all"}:
        bound, engaged = draw(SPANS), draw(st.lists(ENGAGEMENTS, min_size=1, max_size=2))
    both = [SELF, PRINCIPAL]
    return Sight(
        given, bound, handed, engaged, draw(exceptions([SELF, SELF, PRINCIPAL], 4)), draw(exceptions(both, 2)), draw(exceptions(both, 1))
    )  # fmt: skip


SIGHTS = sights()


def bank() -> Bank:
    """The bank, with two persons who hold nothing yet."""
    root = people.branch("R")
    north, south = people.branch("N", root), people.branch("S", root)
    branches = [root, north, south, people.branch("N1", north), people.branch("S1", south),
                people.branch("N2", north)]  # fmt: skip
    cases = [factories.case(branch=branch) for branch in branches]
    twice = businesses.borrower(branch=south)
    cases += [factories.case(branch=south, borrower=twice) for _each in range(2)]
    officer = businesses.officer(root)
    parties = [businesses.party(officer, case.borrower, name=NAME) for case in cases[:-1]]
    payments = [_payment(officer, case) for case in cases]
    kind = ContentType.objects.get_for_model(LoanCase)
    viewing, _made = Codename.objects.get_or_create(content_type=kind, codename=Permission.CASE_VIEW.value)
    return Bank(
        branches, cases, parties, [_loan(each) for each in payments], payments, [_order(each) for each in payments],
        [people.account(handle="zhou"), people.account(handle="principal")], people.account(handle="other"), viewing,
    )  # fmt: skip


def _payment(officer: Actor, case: LoanCase) -> Drawdown:
    payee = businesses.bank_account(officer, case.borrower)
    facility = case.facilities.get()
    return Drawdown._base_manager.create(
        case=case, facility=facility, number=1, amount=Decimal(1000), currency="CNY", payee=payee, purpose="flour"
    )


def _loan(payment: Drawdown) -> Loan:
    case = payment.case
    return Loan._base_manager.create(
        number=f"LN-2026-{case.pk:06d}", case=case, facility=payment.facility, borrower=case.borrower, branch=case.branch,
        drawdown_uuid=uuid.uuid4(), currency="CNY", principal=Decimal(1000), balance=Decimal(1000), rate=Decimal(5), term_months=12,
        method="equal_instalment", day_count="30/360", paid_out_on=MOMENT.date(),
    )  # fmt: skip


def _order(payment: Drawdown) -> PaymentOrder:
    return PaymentOrder._base_manager.create(
        drawdown=payment, case=payment.case, end_to_end_id=uuid.uuid4().hex, amount=payment.amount, currency="CNY",
        maker_id=payment.payee.entered_by_id or 0,
    )  # fmt: skip


def laid(at: Bank, sight: Sight) -> list[Actor]:
    """Lay everything down as rows; returns the person as they sign in and, where a right is in their hands now, as the deputy."""
    for given in sight.given:
        _grant(at, at.persons[given.who], given.role, given.span, given.branch)
    if sight.bound is not None:
        _grant(at, at.persons[SELF], Role.AUDITOR, sight.bound, None, bound=True)
    for engaged in sight.engaged:
        _engage(at, engaged)
    _exceptions(at, sight)
    me = actor_of(at.persons[SELF])
    standing = None if sight.handed is None else standing_of(at.persons[SELF].person_id, _hand(at, sight.handed).uuid)
    return [me] if standing is None else [me, deputising(me, standing)]


def _grant(at: Bank, who: Account, role: Role, span: Span, branch: int | None, *, bound: bool = False) -> None:
    place = None if branch is None else at.branches[branch]
    RoleGrant._base_manager.create(
        person=who.person, role=role, branch=place, starts=span.begin, ends=span.end, reason="test", by_engagement=bound
    )


def _hand(at: Bank, handed: Handed) -> Delegation:
    return Delegation._base_manager.create(
        principal=at.persons[PRINCIPAL].person, deputy=at.persons[SELF].person, role=handed.role, starts=handed.span.begin,
        branch=None if handed.branch is None else at.branches[handed.branch], ends=handed.span.end, reason="on leave",
        needs_second=handed.agreed is not None, agreed_by=at.others.person if handed.agreed else None,
        agreed_at=handed.span.begin if handed.agreed else None,
    )  # fmt: skip


def _engage(at: Bank, engaged: Engaged) -> None:
    agreed = {"agreed_by": at.others.person, "agreed_at": engaged.span.begin} if engaged.agreed else {}
    row = Engagement._base_manager.create(
        asked_by=at.persons[PRINCIPAL].person, purpose="yearly audit", ends_at=engaged.span.end, **agreed
    )
    auditor = at.persons[SELF] if engaged.mine else at.others
    EngagementAuditor._base_manager.create(engagement=row, person=auditor.person)
    places = [
        *({"branch": at.branches[each]} for each in engaged.branches), *({"case": at.cases[each]} for each in engaged.cases),
        *({"borrower": at.cases[each].borrower} for each in engaged.borrowers),
    ]  # fmt: skip
    for place in places:
        EngagementPlace._base_manager.create(engagement=row, **place)


def _exceptions(at: Bank, sight: Sight) -> None:
    for (who, case), days in sight.shared.items():
        LoanCaseUserObjectPermission.objects.create(
            user=at.persons[who], permission=at.viewing, content_object=at.cases[case], ends_at=_days(days)
        )
    for (who, case), days in sight.blocked.items():
        CaseBlock._base_manager.create(
            case=at.cases[case], person=at.persons[who].person, reason="cousin", ends_at=_days(days)
        )
    for (who, case), days in sight.tied.items():
        end = _days(days)
        StaffInterest._base_manager.create(
            person=at.persons[who].person, borrower=at.cases[case].borrower, kind="own" if case < CASES - 1 else "relative",
            ended_on=None if end is None else clock.day_of(end),
        )  # fmt: skip


def _days(days: int | None) -> dt.datetime | None:
    return None if days is None else MOMENT + dt.timedelta(days=days)

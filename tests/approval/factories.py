"""Approved cases and what comes before and after, made through the services only; contracting begins with ``case_accepted_offer``."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pypdf import PdfWriter

from apps.accounts.models import Account, Branch
from apps.approval import services
from apps.approval.models import DecisionMemo, Policy
from apps.approval.rules import LEVELS, AuthorityRow, Limit, open_slots
from apps.approval.selectors import memo_live, offer_standing, sign_prepare, standing_for
from apps.approval.services import Paper, PolicyDraft
from apps.core.actor import Actor
from apps.workflow.models import LoanCase
from tests.accounts import factories as people
from tests.applications.factories import again
from tests.borrowers import factories as borrowers
from tests.collateral.factories import case_confirmed

ONE, TWO, THREE = LEVELS
ANY_GRADE = frozenset("ABCDE")


MATRIX = (
    (100_000, (ONE,)),
    (200_000, (ONE, TWO)),
    (300_000, (TWO, TWO)),
    (400_000, (TWO, TWO, THREE)),
)
"""Amounts in CNY and who signs up to them, whatever the grade; above the last row nobody has authority."""


def policy(
    *rows: tuple[int, tuple[str, ...]], limits: Sequence[Limit] = (), decline_level: str = "", **given: Any
) -> Policy:
    """Put a policy in force that knows all grades; ``rows`` as in ``MATRIX``, which is the default. It comes with the list of conditions."""
    people.institution()
    services.policy_seed(actor=people.SETUP, currency="CNY")
    drafted = [AuthorityRow(ANY_GRADE, Decimal(up_to), levels, None, decline_level) for up_to, levels in rows or MATRIX]
    return services.policy_publish(
        actor=head_of_credit(), draft=PolicyDraft("CNY", drafted, limits, **given), why="for tests"
    )


def amount_for(*signatures: str) -> Decimal:
    """The amount of ``MATRIX`` that needs exactly these signatures; above all of it without any."""
    return next((Decimal(up_to) for up_to, levels in MATRIX if levels == signatures), Decimal(500_000))


def case_needing(*signatures: str, **kw: Any) -> LoanCase:
    """A case in approval that needs these signatures under the policy in force; further words go to ``case_confirmed``."""
    return again(case_confirmed(amount=amount_for(*signatures), **kw))


def head_of_credit() -> Actor:
    """The actor of a new head of credit, over the whole institution."""
    return people.actor_for(people.staff("head_of_credit"))


def approver_account(level: str = ONE, branch: Branch | None = None) -> Account:
    """The account of a new approver at a branch."""
    return people.staff(level, branch or people.branch())


def approver(level: str = ONE, branch: Branch | None = None) -> Actor:
    """The actor of a new approver at a branch, with a fresh factor."""
    return people.actor_for(approver_account(level, branch))


def live(case: LoanCase) -> DecisionMemo:
    """The memo that stands."""
    memo = memo_live(case)
    assert memo is not None
    return memo


def signed(case: LoanCase, actor: Actor, comment: str = "") -> LoanCase:
    """The case after an approver has signed what the sign page showed."""
    now = again(case)
    _decision, challenge = sign_prepare(actor, now)
    services.memo_sign(actor=actor, case=now, version=now.version, challenge=challenge, comment=comment)
    return again(case)


def signers_missing(case: LoanCase) -> list[Actor]:
    """New approvers, one for each signature that is still missing."""
    standing = standing_for(case)
    assert standing is not None
    return [approver(level, case.branch) for level in open_slots(standing.needed, standing.given)]


def case_offered(*, signers: Sequence[Actor] = (), **kw: Any) -> LoanCase:
    """A case with an open offer: every signature needed was given, by ``signers`` or by new approvers.

    Further words go to ``case_confirmed`` (``secured``, ``amount``, ``value``, ``actor`` the analyst, ``officer``, ``branch`` …).
    """
    case = again(case_confirmed(**kw))
    for actor in signers or signers_missing(case):
        case = signed(case, actor)
    assert case.state == "offered"
    return case


def paper(name: str = "signed.pdf") -> Paper:
    """A scanned page that the borrower signed."""
    writer, stream = PdfWriter(), io.BytesIO()
    writer.add_blank_page(width=595, height=842)
    writer.write(stream)
    stream.seek(0)
    return Paper(stream, name, "application/pdf")


def case_accepted_offer(*, officer: Actor | None = None, **kw: Any) -> LoanCase:
    """A case in contracting: its offer was accepted on paper, entered by ``officer`` (a new one if absent)."""
    who = officer or borrowers.officer(kw.get("branch"))
    case = case_offered(officer=who, **kw)
    services.offer_accept_recorded(actor=who, case=case, version=case.version, paper=paper())
    return again(case)


def stale(actor: Actor) -> Actor:
    """The actor with a factor proved ten minutes ago."""
    assert actor.factor_at is not None
    return dataclasses.replace(actor, factor_at=actor.factor_at - people.rules.QUARTER)


def offer_of(case: LoanCase) -> Any:
    """The offer that stands."""
    offer = offer_standing(case)
    assert offer is not None
    return offer

"""Cases under review and beyond, made through the services only; collateral and approval begin with ``case_recommended``."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from apps.access.roles import Role
from apps.approval.services.policy import policy_seed
from apps.borrowers.models import Party
from apps.core import clock
from apps.core.actor import Actor
from apps.credit_review import services
from apps.credit_review.facts import BureauFigures, Year
from apps.credit_review.rules import Figures
from apps.credit_review.selectors import open_alerts
from apps.credit_review.services.deciding import Proposal
from apps.credit_review.services.proposals import FacilityProposal
from apps.workflow.models import LoanCase
from tests.accounts.factories import SETUP
from tests.applications.factories import again, case_accepted, signer_of
from tests.borrowers import factories as borrowers

AMOUNT = Decimal(800_000)
BORNE = Decimal(500_000)
"""Loan that the bakery of ``figures`` bears comfortably over two years."""
CLEAN = BureauFigures(score=640, open_loans=1, total_debt=Decimal(300_000), enquiries=1)


def analyst(case: LoanCase | None = None) -> Actor:
    """The actor of a new credit analyst, at the case's branch."""
    return borrowers.actor_of(Role.CREDIT_ANALYST, case.branch if case else None)


def figures(scale: Decimal | int = 1, **changes: Any) -> Figures:
    """A sound bakery's year that balances; ``scale`` multiplies every line."""
    lines: dict[str, Any] = {
        "revenue": 4_000_000, "cost_of_sales": 2_600_000, "operating_expenses": 800_000, "depreciation": 120_000,
        "interest_expense": 60_000, "other_income": 0, "tax": 105_000, "net_profit": 315_000, "cash": 200_000,
        "receivables": 500_000, "inventory": 400_000, "current_assets": 1_150_000, "fixed_assets": 1_800_000,
        "total_assets": 3_000_000, "current_liabilities": 700_000, "long_term_debt": 600_000, "total_liabilities": 1_400_000,
        "equity": 1_600_000, "debt_service": 100_000,
    }  # fmt: skip
    return Figures(**{name: Decimal(str(value)) * scale for name, value in (lines | changes).items()})


def year(fiscal_year: int, scale: Decimal | int = 1, **changes: Any) -> Year:
    """A year's statement, ended on its last day."""
    return Year(fiscal_year, dt.date(fiscal_year, 12, 31), False, figures(scale, **changes))


def three_years(scale: Decimal | int = AMOUNT / BORNE) -> list[Year]:
    """Three years of slow growth, the last one ended last December."""
    last = clock.today().year - 1
    steps = (Decimal("0.90"), Decimal("0.95"), Decimal(1))
    return [year(last - 2 + at, scale * step) for at, step in enumerate(steps)]


def statements(actor: Actor, case: LoanCase, years: list[Year] | None = None) -> LoanCase:
    """The case with three years entered."""
    services.statements_save(
        actor=actor, case=case, version=case.version, years=three_years() if years is None else years
    )
    return again(case)


def bureau(
    actor: Actor, case: LoanCase, found: BureauFigures = CLEAN, *, party: Party | None = None, days_ago: int = 0
) -> LoanCase:
    """The case with a bureau report on the borrower, or on a party."""
    services.bureau_report_enter(
        actor=actor, case=case, version=case.version, bureau="PBOC", figures=found, party=party,
        report_date=clock.today() - dt.timedelta(days=days_ago),
    )  # fmt: skip
    return again(case)


def guarantor(actor: Actor, case: LoanCase, *, seen: bool = True) -> LoanCase:
    """The case with its signer as guarantor, whose credit was seen."""
    party = signer_of(case)
    made = services.guarantor_add(
        actor=actor, case=case, version=case.version, party=party, kind="joint", amount=case.amount_asked,
        net_worth=Decimal(2_000_000),
    )  # fmt: skip
    case = again(case)
    if seen:
        case = bureau(actor, case, party=party)
        services.guarantor_credit_seen(actor=actor, case=case, version=case.version, guarantor_id=made.pk)
    return again(case)


def explained(actor: Actor, case: LoanCase) -> LoanCase:
    """The case with every open alert explained."""
    for alert in open_alerts(case).filter(explained_at=None):
        services.alert_explain(
            actor=actor,
            case=case,
            version=case.version,
            alert_id=alert.pk,
            explanation="Seen and settled with the owner.",
        )
        case = again(case)
    return case


def proposal(case: LoanCase, **given: Any) -> Proposal:
    """What is asked, at 5.35 %; a secured case counts on a lending value of the amount."""
    terms = [
        FacilityProposal(each.pk, each.amount, each.term_months, Decimal("5.35"), each.repayment)
        for each in case.facilities.order_by("position")
    ]
    facts: dict[str, Any] = {
        "facilities": terms, "assumed_collateral_value": case.amount_asked if case.product.is_secured else Decimal(0),
        "narrative": "A steady bakery; the loan bridges the winter season.", "strengths": "Six years of profit.",
        "risks": "Three customers make most of the revenue.", "mitigants": "Their contracts run for two more years.",
        "conditions": ["Accounts of the business kept with us"],
    }  # fmt: skip
    return Proposal(**{**facts, **given})


def reviewed(actor: Actor, case: LoanCase, *, guaranteed: bool = False) -> LoanCase:
    """The case with everything in but the recommendation."""
    scale = max(case.amount_asked / BORNE, Decimal("0.1"))
    case = bureau(actor, statements(actor, case, three_years(scale)))
    return explained(actor, guarantor(actor, case) if guaranteed else case)


def proposed(actor: Actor, case: LoanCase, **given: Any) -> LoanCase:
    """The case with a recommendation written, scored on its terms, alerts explained."""
    services.recommendation_save(actor=actor, case=case, version=case.version, proposal=proposal(case, **given))
    return explained(actor, again(case))


def recommended(
    actor: Actor, case: LoanCase, *, guaranteed: bool = False, terms: dict[str, Any] | None = None
) -> LoanCase:
    """The case sent on by its analyst, with nothing entered for it before."""
    policy_seed(actor=SETUP, currency=case.currency)  # a memo is frozen under the policy in force
    case = proposed(actor, reviewed(actor, case, guaranteed=guaranteed), **(terms or {}))
    services.recommend(actor=actor, case=case, version=case.version)
    return again(case)


def case_recommended(
    *, secured: bool = False, amount: Decimal = AMOUNT, actor: Actor | None = None, guaranteed: bool = False,
    terms: dict[str, Any] | None = None, **kw: Any,
) -> LoanCase:  # fmt: skip
    """A case whose recommendation was sent on: in approval, or in the collateral check when ``secured``.

    ``actor`` is the analyst (a new one if absent), ``terms`` changes the proposal; further words go to ``case_accepted``.
    """
    case = case_accepted(secured=secured, amount=amount, **kw)
    return recommended(actor or analyst(case), case, guaranteed=guaranteed, terms=terms)

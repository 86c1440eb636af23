"""One act each, from the application to the signatures; the lives put them in order."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from apps.access.roles import Role
from apps.applications import services as intake
from apps.applications.facts import consent_kinds, required_documents
from apps.applications.models import Document
from apps.applications.services import VisitData, Words
from apps.applications.services.opening import application_create
from apps.approval import services as approval
from apps.approval.rules import open_slots
from apps.approval.selectors import sign_prepare, standing_for
from apps.borrowers.models import Borrower
from apps.borrowers.rules import BusinessData, PartyData
from apps.borrowers.services import borrower_create, interest_add, party_add
from apps.collateral import services as collateral
from apps.collateral.services import AssetData
from apps.console.demo_book import papers
from apps.console.demo_book.life import Life
from apps.console.demo_book.names import PURPOSES, Firm
from apps.core import clock
from apps.core.actor import Actor
from apps.credit_review import services as review
from apps.credit_review.facts import BureauFigures, Year
from apps.credit_review.rules import Figures
from apps.credit_review.selectors import open_alerts
from apps.credit_review.services.deciding import Proposal
from apps.credit_review.services.proposals import FacilityProposal
from apps.workflow.models import LoanCase
from apps.workflow.services import FacilityAsk
from apps.workflow.services.steps import case_step

LEVEL_ROLES = {"approver_1": Role.APPROVER_1, "approver_2": Role.APPROVER_2, "approver_3": Role.APPROVER_3}


def apply(life: Life) -> None:
    """Open the case: a new business with its owner, or the business known already."""
    actor, firm, plan = life.who(Role.LOAN_OFFICER), life.firm, life.plan
    purpose, source = life.random.choice(PURPOSES)
    words = Words(
        purpose=purpose,
        repayment_source=source,
        narrative=f"{firm.industry}, {firm.employees} people, founded {firm.founded_on.year}.",
    )
    asks = [FacilityAsk(amount, plan.term, purpose, plan.kind, replaces=life.replaces) for amount in plan.amounts]
    if life.borrower is None:
        life.borrower = borrower_create(actor=actor, branch=life.branch, data=business_of(firm))
        _people(actor, life.borrower, firm)
    case = application_create(actor=actor, product=life.product, facilities=asks, words=words, borrower=life.borrower)
    life.number = case.number


def business_of(firm: Firm) -> BusinessData:
    """The business as the officer types it."""
    return BusinessData(
        legal_name=firm.legal_name, identifier_kind="uscc", identifier=firm.identifier, industry=firm.industry, founded_on=firm.founded_on,
        employees=firm.employees, address=f"{firm.town}, Jingshi Road 12", region=firm.town, phone=firm.phone, email=firm.email,
    )  # fmt: skip


def _people(actor: Actor, borrower: Borrower, firm: Firm) -> None:
    one = party_add(
        actor=actor,
        borrower=borrower,
        data=PartyData(name=firm.owner, id_kind="ric", id_number=firm.owner_id, phone=firm.owner_phone),
    )
    for kind, more in (
        ("owner", {"share": Decimal(100)}),
        ("beneficial_owner", {"share": Decimal(100)}),
        ("legal_representative", {}),
        ("signer", {"authority": "law"}),
    ):
        interest_add(actor=actor, party=one, kind=kind, **more)  # type: ignore[arg-type]


def document(actor: Actor, case: LoanCase, code: str) -> Document:
    """Add a scanned paper."""
    return intake.document_add(actor=actor, case=case, code=code, stream=papers.page(code), name=f"{code}.png")


def promise(life: Life) -> None:
    """Consents, each by itself, and the declaration, on one signed paper."""
    actor, case = life.who(Role.LOAN_OFFICER), life.case
    paper = document(actor, case, "consent")
    intake.consents_give(
        actor=actor, case=case, kinds=list(consent_kinds()), party=life.signer, given_on=clock.today(), document=paper
    )
    intake.declaration_sign(
        actor=actor,
        case=life.case,
        version=None,
        party=life.signer,
        signed_on=clock.today(),
        document=document(actor, case, "declaration"),
    )


def submit(life: Life) -> None:
    """Hand the application in."""
    case = life.case
    intake.application_submit(actor=life.who(Role.LOAN_OFFICER), case=case, version=case.version)


def check(life: Life) -> None:
    """Collect, open and accept the documents; check the signer's identity."""
    actor, case = life.who(Role.LOAN_OFFICER), life.case
    for code in required_documents(case):
        paper = document(actor, case, code)
        b"".join(intake.document_open(actor=actor, document=paper))
        intake.document_verify(actor=actor, document=paper)
    intake.identity_check_record(
        actor=actor, case=life.case, party=life.signer, method="original_sighted", checked_on=clock.today(), passed=True,
        evidence="Resident identity card seen at the counter.",
    )  # fmt: skip


def visit(life: Life) -> None:
    """Two officers visit the business and confirm the report."""
    actor, second = life.who(Role.LOAN_OFFICER), life.who(Role.LOAN_OFFICER, life.serial + 1)
    data = VisitData(
        second_visitor_id=second.person_id or 0, visited_at=clock.now() - dt.timedelta(hours=3), place=f"{life.firm.town}, premises",
        staff_seen=max(life.firm.employees - 3, 1), stock="As stated; counted in samples.", narrative="Line running, premises orderly, stock as stated.",
    )  # fmt: skip
    report = intake.visit_report_file(
        actor=actor, case=life.case, data=data, photographs=[(papers.page("photograph"), "premises.png")]
    )
    intake.visit_confirm(actor=second, visit=report)


def accept(life: Life) -> None:
    """Send the case into credit review."""
    case = life.case
    intake.application_accept(actor=life.who(Role.LOAN_OFFICER), case=case, version=case.version)


def claim(life: Life, role: str) -> None:
    """Take the case."""
    case_step(actor=life.who(role), case=life.case, version=life.case.version, event="claim")


def enter_figures(life: Life) -> None:
    """Three years of statements and the bureau's report."""
    actor, last = life.who(Role.CREDIT_ANALYST), clock.today().year - 1
    scale = life.case.amount_asked / Decimal(500_000) * life.plan.strength
    steps = (Decimal("0.90"), Decimal("0.95"), Decimal(1))
    years = [
        Year(last - 2 + at, dt.date(last - 2 + at, 12, 31), at == 2, figures(scale * step))
        for at, step in enumerate(steps)
    ]
    review.statements_save(actor=actor, case=life.case, version=life.case.version, years=years)
    ask_bureau(life)


def ask_bureau(life: Life) -> None:
    """Enter the bureau's report of the day."""
    scale = life.case.amount_asked / Decimal(500_000) * life.plan.strength
    found = BureauFigures(
        score=life.random.randint(560, 720),
        open_loans=life.random.randint(0, 3),
        total_debt=Decimal(200_000) * scale.quantize(Decimal(1)),
        enquiries=life.random.randint(0, 3),
    )
    review.bureau_report_enter(
        actor=life.who(Role.CREDIT_ANALYST),
        case=life.case,
        version=life.case.version,
        bureau="PBOC",
        figures=found,
        party=None,
        report_date=clock.today(),
    )


def figures(scale: Decimal) -> Figures:
    """A year that balances, in whole cents, of a business that ``scale`` times bears half a million."""
    base = {
        "revenue": 4_000_000, "cost_of_sales": 2_600_000, "operating_expenses": 800_000, "depreciation": 120_000, "interest_expense": 60_000,
        "other_income": 0, "tax": 105_000, "net_profit": 315_000, "cash": 200_000, "receivables": 500_000, "inventory": 400_000,
        "current_assets": 1_150_000, "fixed_assets": 1_800_000, "total_assets": 3_000_000, "current_liabilities": 700_000,
        "long_term_debt": 600_000, "total_liabilities": 1_400_000, "equity": 1_600_000, "debt_service": 100_000,
    }  # fmt: skip
    factor = scale.quantize(Decimal("0.0001"))
    return Figures(**{name: Decimal(value) * factor for name, value in base.items()})


def recommend(life: Life) -> None:
    """Write the recommendation, explain what the figures call for, and send it on."""
    actor, case = life.who(Role.CREDIT_ANALYST), life.case
    rate = Decimal("4.35") + Decimal(life.random.randint(0, 20)) / 10
    facilities = [
        FacilityProposal(each.pk, each.amount, each.term_months, rate, each.repayment)
        for each in case.facilities.order_by("position")
    ]
    proposal = Proposal(
        facilities=facilities, narrative="Sound margins, customers of long standing, repayment from sales already contracted.",
        strengths="Stable customers.", risks="Two customers make half of the sales.", mitigants="Receivables are insured.",
        assumed_collateral_value=case.amount_asked if case.is_secured else Decimal(0),
    )  # fmt: skip
    review.recommendation_save(actor=actor, case=case, version=case.version, proposal=proposal)
    for alert in open_alerts(life.case).filter(explained_at=None):
        review.alert_explain(
            actor=actor,
            case=life.case,
            version=life.case.version,
            alert_id=alert.pk,
            explanation="Seasonal; confirmed during the visit.",
        )
    review.recommend(actor=actor, case=life.case, version=life.case.version)


def value(life: Life) -> None:
    """One asset with title, liens, insurance and a valuation of twice the loan."""
    actor, case = life.who(Role.APPRAISER), life.case
    data = AssetData(
        asset_class="real_estate",
        description="Workshop and yard",
        title_no=f"LU-{life.serial:06d}",
        address=f"{life.firm.town}, Jingshi Road 12",
    )
    one = collateral.asset_add(actor=actor, case=case, version=case.version, data=data)
    collateral.title_verify(
        actor=actor, case=case, version=life.case.version, asset_id=one.pk, source="Real estate registration centre"
    )
    collateral.lien_record(
        actor=actor,
        case=case,
        version=life.case.version,
        asset_id=one.pk,
        checked_on=clock.today(),
        register="Real estate registration centre",
        liens=(),
    )
    collateral.insurance_record(
        actor=actor, case=case, version=life.case.version, asset_id=one.pk, insurer="Taishan Insurance", policy_no=f"TP-{life.serial:05d}",
        insured_amount=case.amount_asked * 3, valid_until=clock.today() + dt.timedelta(days=365), is_assigned=True,
    )  # fmt: skip
    collateral.valuation_record(
        actor=actor, case=case, version=life.case.version, asset_id=one.pk, amount=case.amount_asked * Decimal("2.2"), source="external",
        valuer="Qilu Appraisal", valued_on=clock.today(),
    )  # fmt: skip


def confirm(life: Life) -> None:
    """Confirm the collateral."""
    case = life.case
    collateral.collateral_confirm(actor=life.who(Role.APPRAISER), case=case, version=case.version)


def slots(life: Life) -> list[str]:
    """Levels whose signature is missing."""
    standing = standing_for(life.case)
    return [] if standing is None else list(open_slots(standing.needed, standing.given))


def sign(life: Life, level: str, at: int) -> None:
    """One signature of a level."""
    actor, case = life.who(LEVEL_ROLES[level], at), life.case
    _decision, challenge = sign_prepare(actor, case)
    approval.memo_sign(actor=actor, case=case, version=case.version, challenge=challenge, comment="")

"""The stages of a case as pages: what each person opens, fills in and sends."""

from __future__ import annotations

import dataclasses
import datetime as dt

from django.urls import reverse

from apps.applications.facts import consent_kinds, required_documents
from apps.collateral.models import Asset
from apps.core import clock
from apps.credit_review.rules import FIGURE_NAMES
from apps.disbursement.models import PaymentOrder
from apps.disbursement.tasks import send_order
from apps.post_loan.models import Loan
from apps.workflow.models import LoanCase
from tests.applications.factories import again, png
from tests.approval.factories import paper
from tests.borrowers import factories as businesses
from tests.credit_review.factories import three_years
from tests.journeys.desk import Desk, File

AMOUNT = 100_000


def photograph(name: str = "photograph.png") -> File:
    """A small picture to upload."""
    return {"name": name, "mimeType": "image/png", "buffer": png().getvalue()}


def scan(name: str = "signed.pdf") -> File:
    """A scanned page to upload."""
    return {"name": name, "mimeType": "application/pdf", "buffer": paper().stream.read()}


def today() -> str:
    """Today, as the browser's picker writes it."""
    return clock.today().isoformat()


def application_drafted(officer: Desk) -> LoanCase:
    """Open a draft, with the person who owns, represents and signs, the consents and the declaration."""
    officer.go("applications:new")
    known = dataclasses.asdict(businesses.business())
    choices = {"identifier_kind": {"value": known.pop("identifier_kind")}, "product": 1, "branch": 0}
    asked = {"amount": AMOUNT, "term_months": 24, "purpose": "Flour.", "repayment_source": "Three shops."}
    officer.fill(**choices, **{name: value for name, value in known.items() if value is not None}, **asked).send()
    case = LoanCase.objects.latest("id")
    promised(officer, case)
    return again(case)


def promised(officer: Desk, case: LoanCase) -> None:
    """Enter the person behind the business, the consents and the declaration."""
    _person_entered(officer, case)
    officer.go("applications:consents", case.number)
    officer.fill(kinds=list(consent_kinds()), party=1, given_on=today(), file=scan("consents.pdf")).send()
    officer.go("applications:declaration", case.number)
    officer.fill(party=1, signed_on=today(), file=scan("declaration.pdf")).send()


def _person_entered(officer: Desk, case: LoanCase) -> None:
    officer.go("applications:person_add", case.number)
    known = dataclasses.asdict(businesses.person())
    typed = {name: known[name] for name in ("name", "id_number", "phone", "email")}
    parts = ["owner", "beneficial_owner", "legal_representative", "signer"]
    officer.fill(id_kind={"value": known["id_kind"]}, **typed)
    officer.fill(kind=parts, share=100, authority={"value": "law"}).send()


def application_submitted(officer: Desk, case: LoanCase) -> None:
    """Submit the draft."""
    officer.go("applications:submit", case.number)
    officer.send()


def intake_checked(officer: Desk, case: LoanCase) -> None:
    """Add, open and accept every document that is asked for, and check every identity."""
    for code in required_documents(again(case)):
        officer.open(reverse("applications:document_add", args=[case.number]) + f"?code={code}")
        officer.fill(code={"value": code}, file=photograph(f"{code}.png")).send()
    officer.go("applications:stage", case.number)
    for address in officer.links("/accept/"):
        if "/documents/" in address:
            officer.look_at(address.removesuffix("accept/"))
            officer.open(address)
            officer.send()
    officer.go("applications:stage", case.number)
    for address in officer.links("/identity/"):
        officer.open(address)
        officer.fill(method="original_sighted", evidence="Card seen at the counter.", passed="yes").send()


def visit_reported(officer: Desk, second: Desk, case: LoanCase) -> None:
    """Report a visit by two; the second confirms it from an account of their own."""
    officer.go("applications:visit_add", case.number)
    seen = (clock.now() - dt.timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    words = {"place": "The bakery", "staff_seen": 31, "stock": "Flour for two weeks", "narrative": "The line ran."}
    officer.fill(second_visitor={"label": second.account.handle}, visited_at=seen, photographs=photograph(), **words)
    officer.send()
    second.go("applications:stage", case.number)
    second.follow("Confirm", exact=True)
    second.send()


def application_accepted(officer: Desk, case: LoanCase) -> None:
    """Send the case to the analysts."""
    officer.go("applications:accept", case.number)
    officer.send()


def figures_entered(analyst: Desk, case: LoanCase) -> None:
    """Enter three years' statements and the bureau report, and have the case scored."""
    analyst.go("credit_review:statements", case.number)
    for column, year in enumerate(three_years(1)):
        figures = {f"{name}_{column}": getattr(year.figures, name) for name in FIGURE_NAMES}
        analyst.fill(**{f"fiscal_year_{column}": year.fiscal_year, f"period_end_{column}": year.period_end}, **figures)
    analyst.send()
    analyst.go("credit_review:bureau", case.number)
    found = {"score": 640, "open_loans": 1, "total_debt": 300_000, "overdue_now": 0, "worst_dpd": 0, "enquiries": 1}
    analyst.fill(bureau="PBOC", report_date=today(), **found).send()
    analyst.go("credit_review:review", case.number)
    analyst.send("form[action$='/score/']")


def recommended(analyst: Desk, case: LoanCase) -> None:
    """Write the recommendation, explain what the figures call into question, send it on."""
    analyst.go("credit_review:recommendation", case.number)
    facility = case.facilities.get()
    texts = {"narrative": "A steady bakery.", "conditions": "Accounts of the business kept with us"}
    analyst.fill(**{f"rate_{facility.pk}": "5.35"}, **texts).send()
    analyst.go("credit_review:review", case.number)
    for address in [each for each in analyst.links("/alerts/") if each.rstrip("/").rsplit("/", 1)[1].isdecimal()]:
        analyst.open(address)
        analyst.fill(explanation="Seen and settled with the owner.").send()
    analyst.go("credit_review:recommend", case.number)
    analyst.send()


def declined(analyst: Desk, case: LoanCase, reason: str) -> None:
    """Decline after review, for a reason that the letter quotes."""
    analyst.go("credit_review:decline", case.number)
    analyst.fill(reasons=[reason], text="The cover is too thin.").send()


def returned(approver: Desk, case: LoanCase, reason: str, question: str) -> None:
    """Return the case to the review with a question, after a new one-time code."""
    approver.go("approval:memo", case.number)
    approver.press("Return or decline…")
    approver.follow("Return to an earlier stage…")
    approver.fill(to={"value": "credit_review"}, reasons=[reason], questions=question)
    approver.send_confirmed()


def answered(analyst: Desk, officer: Desk, case: LoanCase, question: str, answer: str) -> None:
    """The analyst takes the case up and asks the officer, who answers on the case."""
    analyst.open(case.get_absolute_url())
    assert question in analyst.words()
    analyst.go("workflow:claim", case.number)
    analyst.send()
    analyst.go("workflow:ask_colleague", case.number)
    analyst.fill(to_person={"value": str(officer.account.person_id)}, text=question).send()
    officer.open(case.get_absolute_url())
    officer.open(officer.links("/say/")[0])
    officer.fill(body=answer).send()


def asset_entered(appraiser: Desk, case: LoanCase) -> None:
    """Enter an asset with its title, the register's picture, an insurance and a valuation."""
    appraiser.go("collateral:overview", case.number)
    appraiser.follow("Add an asset")
    facts = {"description": "Workshop, 840 m²", "title_no": "37010000123", "address": "12 Jingshi Road"}
    appraiser.fill(asset_class={"value": "real_estate"}, **facts).send()
    asset = Asset.objects.get(case=case)

    def at(page: str) -> Desk:
        appraiser.go("collateral:overview", case.number)
        appraiser.page.locator(f'a[href="{reverse(f"collateral:{page}", args=[case.number, asset.pk])}"]').click()
        return appraiser

    at("title").send()
    at("liens").fill(checked_on=today(), none_found=True).send()
    ends = (clock.today() + dt.timedelta(days=365)).isoformat()
    policy = {"insurer": "Taishan Insurance", "policy_no": "TP-1", "insured_amount": 50_000_000, "valid_until": ends}
    at("insurance").fill(**policy, is_assigned=True).send()
    at("valuation").fill(
        source="external", valuer="Qilu Appraisal", valued_on=today(), amount=f"{case.amount_asked * 2:.0f}"
    ).send()


def collateral_confirmed(appraiser: Desk, case: LoanCase) -> None:
    """Confirm the collateral from its overview."""
    appraiser.go("collateral:overview", case.number)
    appraiser.follow("Confirm…")
    appraiser.fill(text="Seen on the spot.").send()


def import_completed(officer: Desk, case: LoanCase) -> None:
    """Enter what the row of the old system did not hold: facts of the business, words, people and promises."""
    officer.go("applications:business", case.number)
    known = businesses.business()
    facts = {"identifier": known.identifier, "founded_on": known.founded_on, "phone": known.phone, "email": known.email}
    officer.fill(identifier_kind={"value": known.identifier_kind}, **facts).send()
    officer.go("applications:facility", case.number, 1)
    officer.fill(term_months=60).send()
    officer.go("applications:request", case.number)
    officer.fill(purpose="A second shop.", repayment_source="Takings of both shops.").send()
    promised(officer, case)


def signed(approver: Desk, case: LoanCase, *, fresh: bool = False) -> None:
    """Read what is signed and sign it with a one-time code beside the amount, where one is asked for."""
    approver.go("approval:memo", case.number)
    approver.follow("Review and sign…")
    asked = approver.page.locator("#id_one_time_code")
    if not fresh and asked.count():
        asked.fill(approver.code())
    approver.send()


def offer_accepted(officer: Desk, case: LoanCase) -> None:
    """Record the paper with which the borrower accepts."""
    officer.go("approval:offer", case.number)
    officer.follow("Record the borrower's acceptance…")
    officer.fill(paper=scan("acceptance.pdf")).send()


def contract_signed(officer: Desk, witness: Desk, lead: Desk, case: LoanCase) -> None:
    """Draw the contract up, record each signature, have the second witness confirm it, conclude it for the bank."""
    officer.go("disbursement:contract_make", case.number)
    officer.send()
    for line in [each for each in officer.links("/contract/parties/") if not each.endswith("/confirm/")]:
        officer.open(line)
        officer.fill(signed_on=today(), paper=scan(), second_witness={"label": witness.account.handle}).send()
    witness.go("disbursement:contract", case.number)
    for line in [each for each in witness.links("/contract/parties/") if each.endswith("/confirm/")]:
        witness.open(line)
        witness.send()
    lead.go("disbursement:contract_conclude", case.number)
    lead.send()


def conditions_settled(officer: Desk, reviewer: Desk, case: LoanCase) -> None:
    """Give evidence for each condition before payout, verify it, send the case to payout."""
    officer.go("disbursement:conditions", case.number)
    for address in officer.links("/evidence/"):
        officer.open(address)
        officer.fill(note="Seen.", paper=scan("evidence.pdf")).send()
    reviewer.go("disbursement:conditions", case.number)
    for address in reviewer.links("/conditions/evidence/"):
        reviewer.open(address)
        reviewer.look_at(reviewer.links("/papers/evidence/")[0])
        reviewer.open(address)
        reviewer.fill(decision="accept").send()
    reviewer.go("disbursement:conditions_meet", case.number)
    reviewer.send()


def account_verified(officer: Desk, second: Desk, case: LoanCase) -> None:
    """Enter the borrower's account, and have it verified by another person."""
    officer.go("borrowers:account_add", case.borrower_id)
    number, holder = businesses.account_number(), case.borrower.legal_name
    officer.fill(holder=holder, number=number, bank_name="Bank of Jinan").send()
    second.go("borrowers:borrower", case.borrower_id)
    second.open(second.links("/verify/")[0])
    second.fill(how="bank_letter").send()


def paid(maker: Desk, checker: Desk, keeper: Desk, case: LoanCase, amount: int = AMOUNT) -> None:
    """Prepare, release with a new one-time code, send as the worker does, enter the bank's answer."""
    maker.go("disbursement:prepare", case.number)
    maker.fill(facility=0, amount=amount, payee=1, purpose="Flour").send()
    checker.go("disbursement:payments", case.number)
    checker.step_up(checker.links("/release/")[0])
    checker.send()
    order = PaymentOrder.objects.get(case=case)
    send_order.func(order.pk, checker.account.handle)
    keeper.go("disbursement:payments", case.number)
    keeper.open(keeper.links("/answer/")[0])
    keeper.fill(answer="paid", value_on=today(), bank_reference="B-1").send()


def first_repayment(keeper: Desk, lead: Desk, case: LoanCase) -> Loan:
    """Enter the first money that comes in, and post it by another person."""
    loan = Loan.objects.get(case=case)
    keeper.go("post_loan:repayment_enter", loan.number)
    keeper.fill(amount=4_000, value_on=today(), reference="R-1").send()
    lead.go("post_loan:loan", loan.number)
    lead.send("form[action$='/post/']")
    loan.refresh_from_db()
    return loan


def state(case: LoanCase) -> str:
    """Where the case stands now."""
    return str(again(case).state)

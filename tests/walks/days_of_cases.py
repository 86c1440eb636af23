"""What each role does in its day with a case on its way to the money: from the intake to the evidence for conditions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from playwright.sync_api import expect

from apps.access.roles import Role
from apps.approval.selectors import memo_live
from apps.workflow.models import LoanCase
from tests.accounts import factories as people
from tests.approval import factories as approval
from tests.journeys.stages import scan, today
from tests.walks.day import Day

SAY = "form[action$='/say/']"
SMALL = Decimal(90_000)
FOUND = "Their sales grew by a fifth in each of three years."


def says(day: Day, case: LoanCase, words: str, to: str = "colleague") -> None:
    """Write a message on a case, and read it there."""
    day.open(case.get_absolute_url())
    day.into(SAY, audience=to, body=words)
    day.send(SAY)
    day.reads(words, within=".talk")


def adds_document(day: Day, case: LoanCase) -> None:
    """Add a document from the case's papers, and find it there."""
    day.go("applications:stage", case.number)
    day.click(day.page.locator(f"main a[href*='/{case.number}/documents/add/']").first)
    before = case.documents.count()
    day.fill(code={"value": "other"}, file=scan("ovens.pdf"))
    expect(day.page.locator(".upload[data-state=ready]")).to_be_visible()
    day.send()
    expect(day.page.locator(".alert-success")).to_be_visible()
    assert case.documents.count() == before + 1


def loan_officer(day: Day) -> None:
    """Answer on a case, add a paper to it and look at the paper."""
    case = day.case("intake")
    says(day, case, "We come on Tuesday to see the ovens.", to="borrower")
    adds_document(day, case)
    day.look_at(f"/applications/{case.number}/documents/{case.documents.latest('pk').pk}/")


def credit_analyst(day: Day) -> None:
    """Write what was found about a business, and see it in the review."""
    case = day.case("credit_review")
    day.go("credit_review:review", case.number)
    day.click(day.page.locator("main a[href$='/recommendation/'], .page-head a[href$='/recommendation/']").first)
    rates = {f"rate_{facility.pk}": "5.35" for facility in case.facilities.all()}
    day.fill(narrative=FOUND, **rates).send()
    day.reads(FOUND)


def appraiser(day: Day) -> None:
    """Enter a new valuation; the cover follows it."""
    case = day.case("collateral_check")
    day.go("collateral:overview", case.number)
    asset = case.assets.get()
    day.click(day.page.locator(f"main a[href$='/assets/{asset.pk}/valuation/']"))
    day.fill(source="external", valuer="Qilu Appraisal", valued_on=today(), amount="777,000").send()
    day.reads("777,000")
    day.click(day.page.locator("a[href$='/confirm/']").first)
    day.reads("777,000")


def _to_sign(day: Day, case: LoanCase) -> None:
    """Go from the case to the page of signing: it shows exactly the amount and the fingerprint, and asks for a code beside it."""
    day.open(case.get_absolute_url())
    day.click(day.page.locator(f"a[href$='/approval/{case.number}/']").first)
    day.click(
        day.page.locator(f".page-head a[href$='/{case.number}/sign/'], main a[href$='/{case.number}/sign/']").first
    )
    amount = f"{case.amount_proposed or case.amount_asked:,.2f}"
    day.reads(amount, within=".stick-bottom")
    fingerprint = day.page.locator("main form code").inner_text()
    assert len(fingerprint) >= 32
    if day.is_phone:
        expect(day.page.locator(".stick-bottom button[type=submit]")).to_be_in_viewport()


def _signs(day: Day, case: LoanCase) -> None:
    """Sign with a code that is asked for beside the amount; the case goes on."""
    day.let_time_pass()
    _to_sign(day, case)
    expect(day.page.locator(".stick-bottom #id_one_time_code")).to_be_visible()
    day.page.locator("#id_one_time_code").fill(day.code())
    day.send()
    assert approval.again(case).state == "offered"


def approver_1(day: Day) -> None:
    """Sign a small case."""
    _signs(day, waiting_for_signature(day))


def approver_2(day: Day) -> None:
    """Sign the case that waits for this level."""
    _signs(day, day.case("approval"))


def approver_3(day: Day) -> None:
    """Read what would be signed, and return it with a question instead."""
    case = waiting_for_signature(day)
    _to_sign(day, case)
    expect(day.page.locator("#id_one_time_code")).to_have_count(0)
    day.go("approval:memo", case.number)
    day.press("Return or decline…")
    day.click(day.page.locator(f"a[href$='/{case.number}/return/']"))
    day.fill(to={"value": "credit_review"}, reasons=["return-reason"], questions="Who signs for the shop?").send()
    assert approval.again(case).state == "credit_review"


def waiting_for_signature(day: Day) -> LoanCase:
    """A small case in approval of the branch."""
    officer = people.actor_for(day.world.account("near", Role.LOAN_OFFICER))
    case = approval.again(approval.case_confirmed(amount=SMALL, officer=officer, branch=day.case("approval").branch))
    assert memo_live(case) is not None
    return case


def committee_secretary(day: Day) -> None:
    """See what is in approval, and remind colleagues on a case."""
    case = day.case("approval")
    day.open("/cases/?state=approval")
    day.reads(case.number)
    says(day, case, "The committee meets on Thursday at nine.")
    adds_document(day, case)


def disbursement_reviewer(day: Day) -> None:
    """Open the evidence for a condition and accept it."""
    case = day.case("conditions")
    day.go("disbursement:conditions", case.number)
    address = day.links("/conditions/evidence/")[0]
    day.open(address)
    day.look_at(day.links("/papers/evidence/")[0])
    day.open(address)
    day.fill(decision="accept").send()
    assert address not in day.links("/conditions/evidence/")


WORK: dict[Role, Any] = {
    Role.LOAN_OFFICER: loan_officer, Role.CREDIT_ANALYST: credit_analyst, Role.APPRAISER: appraiser, Role.APPROVER_1: approver_1,
    Role.APPROVER_2: approver_2, Role.APPROVER_3: approver_3, Role.COMMITTEE_SECRETARY: committee_secretary,
    Role.DISBURSEMENT_REVIEWER: disbursement_reviewer,
}  # fmt: skip

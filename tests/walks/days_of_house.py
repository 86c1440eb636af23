"""What each role does in its day with money and loans, with the house and its evidence, and as a borrower."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse
from playwright.sync_api import expect

from apps.access.roles import Role
from apps.core import clock
from apps.disbursement.models import Drawdown
from apps.post_loan.models import Loan
from tests.journeys.stages import today
from tests.walks.day import Day
from tests.walks.world import FAR


def payment_maker(day: Day) -> None:
    """Prepare a payment; it waits for another person."""
    case = day.case()
    day.go("disbursement:payments", case.number)
    day.click(day.page.locator(f"a[href$='/{case.number}/prepare/']"))
    day.fill(facility=0, amount="1,234.00", payee=1, purpose="Flour").send()
    day.reads("1,234.00")


def payment_checker(day: Day) -> None:
    """Look at a payment order and release it, with a code asked for on the way."""
    case = day.case()
    order = Drawdown.objects.get(facility__case=case, amount=100_000)
    address = reverse("disbursement:release", args=[case.number, order.pk])
    day.go("disbursement:payments")
    day.click(day.page.locator(f"main a[href$='/{case.number}/']").first)
    assert address in day.links("/release/")
    day.let_time_pass()
    day.step_up(address)
    day.reads("100,000.00", within="main form.card")
    day.send()
    assert address not in day.links("/release/")


def post_loan_officer(day: Day) -> None:
    """Open a loan and enter a repayment, which another person posts."""
    loan = Loan.objects.get(case=day.case())
    day.go("post_loan:loans")
    day.click(day.page.locator(f"main a[href$='/loans/{loan.number}/']").first)
    day.click(day.page.locator("a[href$='/repayments/new/']").first)
    day.fill(amount="4,321.00", value_on=today(), reference="R-4321").send()
    day.reads("4,321.00")


def team_lead(day: Day) -> None:
    """See who holds what in a chart with its table, and hand one person's cases over after a look at what happens."""
    day.open("/")
    expect(day.page.locator("#holders-table tbody tr").first).to_be_visible()
    expect(day.page.locator("svg.load-chart").last).to_be_visible()
    day.click(day.page.locator("#holders-table a[href$='holder=near-credit_analyst']"))
    cases = day.page.locator("main tr[data-row]").count()
    taker = day.page.locator("[name=new_holder] option").nth(1).inner_text()
    day.fill(new_holder=1, text="On leave until May.").send()
    expect(day.page.locator("main tr[data-row]")).to_have_count(cases)
    assert taker in day.words()
    day.send()
    day.reads(taker)
    assert not day.page.locator("main .warn").count(), "every case has moved"


def head_of_credit(day: Day) -> None:
    """Draft a version of the policy and see how it differs, before anything is in force."""
    day.go("approval:policies")
    day.click(day.page.locator("a[href$='/policies/new/']").first)
    form = "main form[action$='/policies/new/']"
    day.into(form, memo_days="45", why="Memos are read again each quarter.")
    day.page.locator(f"{form} .btn-primary[type=submit]").first.click()
    day.reads("45", within="#changes")


def compliance_officer(day: Day) -> None:
    """Freeze a borrower for a reason; the case says so."""
    case = day.case("offered")
    day.open(f"/borrowers/{case.borrower_id}/")
    day.click(day.page.locator(f"a[href$='/{case.borrower_id}/freeze/']"))
    day.fill(reason="freeze-reason", text="An enquiry of the police.").send()
    day.open(case.get_absolute_url())
    expect(day.page.locator(".alert .alert-heading").first).to_be_visible()


def auditor(day: Day) -> None:
    """Narrow the log, open an event, keep the filter, and have the log verified."""
    _narrows(day, outcome={"value": "refused"})
    _narrows(day, action={"value": "approval."})
    day.click(day.page.locator("a[data-row-link]").first)
    day.page.go_back()
    day.click(day.page.locator("a[href*='/audit/filters/new/']").first)
    day.fill(name="Approvals").send()
    day.reads("Approvals")
    _verifies(day)


def _narrows(day: Day, **wanted: Any) -> None:
    """Show what of the log fits; on a phone the filters are unfolded first."""
    day.go("console:audit")
    if day.is_phone:
        day.page.locator(".filters-button").click()
    day.into("main form[role=search]", **wanted)
    day.click(day.page.locator("main form[role=search] button[type=submit]").first)


def _verifies(day: Day) -> None:
    day.go("console:audit")
    day.click(day.page.locator("form[action$='/audit/verify/'] button"))
    expect(day.page.locator("#messages .alert")).to_be_visible()


def security_officer(day: Day) -> None:
    """Have the log verified, and keep a person out for a reason."""
    _verifies(day)
    day.go("console:people")
    handle = day.world.handles[FAR]["payment_checker"]
    day.open(f"/people/{handle}/")
    day.click(day.page.locator(f"a[href$='/{handle}/suspend/']"))
    day.fill(reason="Their laptop was stolen.").send()
    day.sees("suspended", within=".datagrid")


def administrator(day: Day) -> None:
    """Open a branch, add a reason, announce something."""
    code = "YT"
    day.go("console:branch_add")
    day.fill(code=code, name="Yantai branch").send()
    day.reads("Yantai branch")
    day.go("console:reason_add")
    day.fill(kind={"value": "decline"}, code="no-plan", name_en="No plan for the money", name_zh="资金用途不明").send()
    day.reads("no-plan")
    day.go("portal:announcement_new")
    now = clock.now()
    times = {
        name: (now + dt.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M")
        for name, days in (("begins_at", 1), ("ends_at", 2))
    }
    day.fill(kind="info", audience="all", **times, title_en="Closed on Monday", title_zh="周一休息").send()
    day.reads("Closed on Monday") if not day.is_phone else day.reads("周一休息")


def borrower(day: Day) -> None:
    """Go on with an application, answer a question, ask for one's data, take a statement."""
    _applies(day)
    waiting = day.case("waiting")
    day.open("/portal/")
    day.click(day.page.locator(f"a[data-row-link][href$='/{waiting.number}/']"))
    day.click(day.page.locator(f"a[href$='/{waiting.number}/answer/']").first)
    day.fill(text="The lease runs until 2031.").send()
    day.reads("The lease runs until 2031.")
    day.go("portal:my_data")
    day.click(day.page.locator("a[href$='/ask/']").first)
    day.send()
    loan = Loan.objects.get(case=day.case())
    day.go("portal:loan", loan.number)
    with day.page.expect_download() as taken:
        day.page.locator("form[action$='/statement.pdf'] button, a[href*='/statement.pdf']").first.click()
    assert taken.value.suggested_filename.endswith(".pdf")


def _applies(day: Day) -> None:
    case = day.case("online")
    day.open(f"/portal/apply/{case.number}/purpose/")
    day.goes_on(purpose="A second oven.", repayment_source="Takings of the shop.")
    day.page.wait_for_url("**/business/")
    day.open(f"/portal/apply/{case.number}/send/")
    day.reads("90,000")


WORK: dict[Role, Any] = {
    Role.PAYMENT_MAKER: payment_maker, Role.PAYMENT_CHECKER: payment_checker, Role.POST_LOAN_OFFICER: post_loan_officer,
    Role.TEAM_LEAD: team_lead, Role.HEAD_OF_CREDIT: head_of_credit, Role.COMPLIANCE_OFFICER: compliance_officer,
    Role.AUDITOR: auditor, Role.SECURITY_OFFICER: security_officer, Role.ADMINISTRATOR: administrator, Role.BORROWER: borrower,
}  # fmt: skip

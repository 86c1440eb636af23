"""Pages of the review: what they show, what they take, what they keep when something is wrong, and what they cost."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.accounts.models import Account
from apps.core import clock
from apps.credit_review import forms
from apps.credit_review.alerting import AlertKind
from apps.credit_review.models import FinancialStatement, Guarantor
from apps.credit_review.rules import FIGURE_NAMES
from apps.credit_review.selectors import (
    newest_report,
    newest_score,
    open_alerts,
    recommendation_standing,
    statements_of,
)
from apps.workflow.models import LoanCase
from tests.accounts import factories as people
from tests.applications.factories import again, reason, signer_of
from tests.borrowers.factories import account_of
from tests.credit_review import factories
from tests.credit_review.conftest import World

TODAY = clock.today("Asia/Shanghai")
LAST = TODAY.year - 1


@pytest.fixture
def account(world: World) -> Account:
    """The account of an analyst of the case's branch."""
    return world.second


@pytest.fixture
def seat(client: Client, account: Account, db: None) -> Client:
    """A browser in which the analyst is signed in."""
    people.signed_in(client, account)
    return client


def url(name: str, case: LoanCase, *more: Any) -> str:
    return reverse(f"credit_review:{name}", args=[case.number, *more])


def post(seat: Client, name: str, case: LoanCase, *more: Any, **fields: Any) -> Any:
    return seat.post(url(name, case, *more), {"version": again(case).version, "seen": "{}", **fields})


def table(*years: Any, first: int = 0) -> dict[str, Any]:
    """What the three-year table posts."""
    typed: dict[str, Any] = {}
    for column, year in enumerate(years, start=first):
        typed |= {f"fiscal_year_{column}": year.fiscal_year, f"period_end_{column}": year.period_end.isoformat()}
        typed |= {f"{name}_{column}": f"{getattr(year.figures, name):,f}" for name in FIGURE_NAMES}
    return typed


def terms(case: LoanCase, **changes: Any) -> dict[str, Any]:
    """What the recommendation posts."""
    pk = case.facilities.get().pk
    typed = {
        f"amount_{pk}": "750,000", f"term_months_{pk}": 24, f"rate_{pk}": "5.35", f"repayment_{pk}": "equal_principal",
        "narrative": "A steady <b>bakery</b>.", "conditions": "Own funds paid in\r\n\r\nAccounts kept with us",
    }  # fmt: skip
    return typed | changes


BUREAU = {
    "party": "", "bureau": "PBOC", "report_date": TODAY.isoformat(), "score": "", "open_loans": 2, "total_debt": "300,000",
    "overdue_now": "0", "worst_dpd": 0, "enquiries": 6, "document_id": "",
}  # fmt: skip


def test_a_case_is_reviewed_from_the_first_page_to_the_last(case: LoanCase, account: Account, seat: Client):
    factories.policy_seed(actor=factories.SETUP, currency=case.currency)
    page = seat.get(url("review", case)).content.decode()
    assert "No statements yet" in page
    assert post(seat, "statements", case, **table(*factories.three_years())).status_code == 302
    assert post(seat, "bureau", case, **BUREAU).status_code == 302
    assert newest_report(case).entered_by_id == account.person_id
    (alert,) = open_alerts(case)
    assert alert.kind == AlertKind.MANY_ENQUIRIES
    assert post(seat, "alert_explain", case, alert.pk, explanation="Four of them were ours.").status_code == 302
    party = signer_of(case)
    assert (
        post(seat, "guarantor_add", case, party=party.pk, kind="joint", amount="500,000", net_worth="").status_code
        == 302
    )
    assert post(seat, "bureau", case, **(BUREAU | {"party": party.pk})).status_code == 302
    guarantor = Guarantor.objects.get(case=case)
    assert post(seat, "guarantor_seen", case, guarantor.pk).status_code == 302
    assert post(seat, "recommendation", case, **terms(case)).status_code == 302
    page = seat.get(url("review", case)).content.decode()
    assert "Nothing is missing" in page
    assert "A steady &lt;b&gt;bakery&lt;/b&gt;." in page
    assert "Four of them were ours." in page
    assert "+22" in page  # six years in business and more
    assert seat.get(url("recommend", case)).status_code == 200
    sent = post(seat, "recommend", case)
    assert (sent.status_code, sent.headers["Location"]) == (302, case.get_absolute_url())
    assert again(case).state == "approval"


def test_the_case_page_shows_the_review_to_later_stages(case: LoanCase, client: Client):
    case = factories.recommended(factories.analyst(case), case, guaranteed=True)
    people.signed_in(client, account_of(Role.APPROVER_2, case.branch))
    page = client.get(case.get_absolute_url()).content.decode()
    for words in (
        "Ratios",
        f"Why grade {case.grade}",
        "A steady bakery",
        "Their contracts run",
        "Guarantors",
        "DSCR with the proposed loan",
    ):
        assert words in page
    assert "Enter a report" not in page
    overview = client.get(url("review", case))
    assert overview.status_code == 200
    assert "Add a guarantor" not in overview.content.decode()


def test_the_score_and_the_alerts_are_made_anew_by_a_click(case: LoanCase, seat: Client):
    assert post(seat, "score", case).status_code == 302
    assert "statements and the bureau report first" in seat.get(url("review", case)).content.decode()
    factories.reviewed(factories.analyst(case), case)
    assert post(seat, "score", case).status_code == 302
    assert newest_score(case) is not None
    assert post(seat, "alerts_raise", case).status_code == 302
    assert post(seat, "alert_note", case, note="The stock looks old.").status_code == 302
    assert open_alerts(case).get().kind == AlertKind.OTHER
    broken = seat.post(url("score", case), {"version": "x"})
    assert broken.status_code == 302
    guarantor = factories.guarantor(factories.analyst(case), again(case), seen=False).guarantors.get()
    assert post(seat, "guarantor_end", case, guarantor.pk).status_code == 302
    assert Guarantor.objects.get().ended_at is not None


def test_a_statement_that_does_not_balance_comes_back_with_everything_typed(case: LoanCase, seat: Client):
    wrong = factories.year(LAST, total_assets=3_100_000)
    answer = post(seat, "statements", case, **table(factories.year(LAST - 1), wrong, first=1))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "does not balance" in page
    assert 'value="3,100,000"' in page
    assert 'id="id_total_assets_2_error"' in page  # the column it was typed in
    assert not statements_of(case)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"revenue_0": ""}, "zero where there is none"),
        ({"revenue_0": "12,34"}, "begins the decimals"),
        ({"revenue_0": "-5"}, "Enter an amount above zero"),
        ({"revenue_0": "9" * 20}, "too large"),
        ({"revenue_0": "1.001"}, "decimal places"),
        ({"fiscal_year_0": ""}, "zero where there is none"),
        ({"period_end_0": "2025-02-30"}, "no such day"),
        ({"fiscal_year_0": "20259"}, "less than or equal"),
    ],
)
def test_figures_that_cannot_be_read_say_what_to_do(changed: dict[str, str], words: str):
    case = LoanCase(number="LF-2026-000001", currency="CNY", version=1, amount_asked=Decimal(1))
    form = forms.StatementsForm({"version": 1, **table(factories.year(LAST)), **changed}, case=case)
    assert not form.is_valid()
    assert words in str(form.errors[next(iter(changed))])


def test_losses_and_overdrawn_equity_can_be_entered_and_an_empty_table_cannot():
    case = LoanCase(number="LF-2026-000001", currency="CNY", version=1, amount_asked=Decimal(1))
    year = factories.year(
        LAST, other_income=-415_000, net_profit=-100_000, total_liabilities=3_100_000, equity=-100_000
    )
    form = forms.StatementsForm({"version": 1, **table(year)}, case=case)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["years"][0].figures.equity == -100_000
    empty = forms.StatementsForm({"version": 1, "fiscal_year_0": LAST}, case=case)
    assert not empty.is_valid()


def test_the_table_shows_what_was_entered_again(case: LoanCase, seat: Client):
    page = seat.get(url("statements", case)).content.decode()
    assert f'value="{LAST}"' in page
    factories.statements(factories.analyst(case), case, [factories.year(LAST, Decimal("1.005"))])
    page = seat.get(url("statements", case)).content.decode()
    assert 'value="4020000"' in page
    assert FinancialStatement.objects.get().revenue == Decimal(4_020_000)


def test_a_stale_form_says_who_was_faster_and_keeps_what_was_typed(case: LoanCase, seat: Client):
    seen = json.dumps({"grade": "", "state": "credit_review"})
    typed = terms(case) | {"version": case.version, "seen": seen}
    factories.bureau(factories.analyst(case), case)
    answer = seat.post(url("recommendation", case), typed)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Somebody was faster" in page
    assert "750,000" in page
    assert recommendation_standing(case) is None
    assert f'name="version" value="{again(case).version}"' in page


def test_terms_that_may_not_be_proposed_are_shown_beside_their_field(case: LoanCase, seat: Client):
    pk = case.facilities.get().pk
    answer = post(seat, "recommendation", case, **terms(case, **{f"amount_{pk}": "900,000", f"rate_{pk}": "9.5"}))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "800,000.00 asked for" in page
    assert f'id="id_rate_{pk}_error"' in page
    assert 'value="900,000"' in page


def test_a_returned_recommendation_is_gone_on_from(case: LoanCase, seat: Client):
    factories.proposed(factories.analyst(case), case)
    page = seat.get(url("recommendation", case)).content.decode()
    assert "A steady bakery" in page
    assert 'value="5.35"' in page


def test_sending_on_too_early_says_what_is_missing(case: LoanCase, seat: Client):
    page = seat.get(url("recommend", case)).content.decode()
    assert "Still missing" in page
    answer = post(seat, "recommend", case)
    assert answer.status_code == 403
    assert "Write the recommendation." in answer.content.decode()


def test_a_decline_needs_a_reason(case: LoanCase, seat: Client):
    reason("cover_too_low", "decline")
    assert post(seat, "decline", case, text="No.").status_code == 400
    assert post(seat, "decline", case, reasons=["cover_too_low"], text="").status_code == 302
    assert again(case).state == "declined"


def test_others_are_kept_out(case: LoanCase, client: Client):
    people.signed_in(client, account_of(Role.LOAN_OFFICER, case.branch))
    assert client.get(url("review", case)).status_code == 200
    assert client.get(url("statements", case)).status_code == 403
    people.signed_in(client, account_of(Role.CREDIT_ANALYST, people.branch("OTHER")))
    for name in ("review", "statements", "bureau", "recommendation", "recommend", "decline"):
        assert client.get(url(name, case)).status_code == 404
    assert client.get(reverse("credit_review:review", args=["LF-1999-000001"])).status_code == 404


def test_pages_cost_a_fixed_number_of_queries(case: LoanCase, seat: Client, django_assert_max_num_queries: Any):
    analyst = factories.analyst(case)
    factories.proposed(analyst, factories.reviewed(analyst, case, guaranteed=True))
    for name, most in (("review", 55), ("statements", 18), ("bureau", 20), ("recommendation", 28), ("recommend", 40)):
        seat.get(url(name, case))
        with django_assert_max_num_queries(most):
            assert seat.get(url(name, case)).status_code == 200


def test_old_reports_are_marked(case: LoanCase, seat: Client):
    factories.bureau(factories.analyst(case), case)
    assert "too old" not in seat.get(url("review", case)).content.decode()
    report = newest_report(case)
    assert report.report_date == TODAY
    assert (TODAY - dt.timedelta(days=31)) < report.report_date

"""Yearly statements: taken whole, refused in sentences, recorded."""

import dataclasses
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from apps.access.roles import Role
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, IllegalTransition, NotVisible, Refused, Stale
from apps.credit_review.facts import Year
from apps.credit_review.models import FinancialStatement
from apps.credit_review.selectors import statements_of
from apps.credit_review.services import statements_save
from apps.workflow.models import LoanCase
from tests.accounts import factories as people
from tests.applications.factories import again, case_accepted, case_in_intake, desk
from tests.borrowers.factories import actor_of
from tests.credit_review.factories import analyst as new_analyst
from tests.credit_review.factories import statements, three_years, year

LAST = clock.today("Asia/Shanghai").year - 1


def refusal(actor: Actor, case: LoanCase, years: list[Year]) -> dict[str, Any]:
    with pytest.raises(BadInput) as refused:
        statements_save(actor=actor, case=case, version=case.version, years=years)
    return refused.value.errors


def test_three_years_are_kept_with_who_entered_them(case: LoanCase, analyst: Actor, last_event: Any):
    after = statements(analyst, case)
    kept = statements_of(case)
    assert [row.fiscal_year for row in kept] == [LAST - 2, LAST - 1, LAST]
    assert {row.entered_by_id for row in kept} == {analyst.person_id}
    assert {row.currency for row in kept} == {"CNY"}
    assert kept[-1].figures == three_years()[-1].figures
    assert after.version > case.version
    assert "ratios_in" not in after.missing
    event = last_event()
    assert (event["action"], event["note"]["years"][-1]) == ("credit_review.statement_entered", str(LAST))
    assert len(event["touched"]) >= 4  # three statements and the case


def test_saving_again_changes_adds_and_removes_as_the_table_says(case: LoanCase, analyst: Actor):
    case = statements(analyst, case)
    before = {row.fiscal_year: row.pk for row in statements_of(case)}
    audited = dataclasses.replace(year(LAST, 2), is_audited=True)
    case = statements(analyst, case, [year(LAST - 1, Decimal("1.52")), audited])
    after = statements_of(case)
    assert [row.fiscal_year for row in after] == [LAST - 1, LAST]
    assert after[-1].pk == before[LAST]
    assert (after[-1].is_audited, after[-1].revenue) == (True, Decimal(8_000_000))
    assert "ratios_in" in case.missing


def test_a_year_that_stays_as_it_was_is_not_written_again(case: LoanCase, analyst: Actor, last_event: Any):
    case = statements(analyst, case)
    colleague = new_analyst(case)
    statements(colleague, case)
    assert {row.entered_by_id for row in statements_of(case)} == {analyst.person_id}
    assert len(last_event()["touched"]) == 1


def test_what_may_not_be_entered_is_named_by_field_and_year(case: LoanCase, analyst: Actor):
    today = clock.today()
    for years, expected in (
        ([], {""}),
        ([year(LAST - at) for at in range(6)], {""}),
        ([year(LAST, total_assets=9)], {"total_assets_0"}),
        ([year(LAST - 1), year(LAST, net_profit=9)], {"net_profit_1"}),
        ([year(LAST), year(LAST)], {"fiscal_year_0", "fiscal_year_1"}),
        ([year(LAST - 3), year(LAST)], {"fiscal_year_0"}),
        ([Year(today.year, today + dt.timedelta(days=1), False, year(LAST).figures)], {"period_end_0"}),
        ([Year(LAST - 3, dt.date(LAST, 12, 31), False, year(LAST).figures)], {"period_end_0"}),
        ([year(LAST, depreciation=-120_000, net_profit=555_000)], {"depreciation_0"}),
    ):
        assert set(refusal(analyst, case, years)) >= expected
    assert not FinancialStatement.objects.filter(case=case).exists()
    assert again(case).version == case.version


def test_who_may_not_enter_statements_is_refused(case: LoanCase, analyst: Actor, last_event: Any):
    officer = actor_of(Role.LOAN_OFFICER, case.branch)
    elsewhere = actor_of(Role.CREDIT_ANALYST, people.branch("OTHER"))
    for actor, error, guard in ((officer, Refused, "permission"), (elsewhere, NotVisible, "scope")):
        with pytest.raises(error) as refused:
            statements_save(actor=actor, case=case, version=case.version, years=three_years())
        assert refused.value.guard == guard
        event = last_event()
        assert (event["outcome"], event["guard"]) == ("refused", guard)
    assert not statements_of(case)


def test_a_stale_form_overwrites_nothing(case: LoanCase, analyst: Actor):
    statements(analyst, case)
    with pytest.raises(Stale):
        statements_save(actor=analyst, case=case, version=case.version, years=[year(LAST, 3)])
    assert len(statements_of(case)) == 3


def test_nothing_is_entered_before_the_review_begins(db: None):
    case = case_in_intake(desk().officer)
    analyst = actor_of(Role.CREDIT_ANALYST, case.branch)
    with pytest.raises(IllegalTransition, match="Intake"):
        statements_save(actor=analyst, case=case, version=case.version, years=three_years())


def test_who_prepared_the_case_may_not_touch_its_figures(db: None):
    both = people.actor_for(people.staff([Role.LOAN_OFFICER, Role.CREDIT_ANALYST], people.branch()))
    case = case_accepted(officer=both)
    with pytest.raises(Refused) as refused:
        statements_save(actor=both, case=case, version=case.version, years=three_years())
    assert refused.value.guard == "duty"

"""Entering yearly statements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput
from apps.credit_review import rules
from apps.credit_review.facts import Year
from apps.credit_review.models import FinancialStatement
from apps.credit_review.services.alerts import alerts_refresh
from apps.credit_review.services.entry import review_enter
from apps.workflow.models import LoanCase
from apps.workflow.services import case_touch

MOST_YEARS = 5


@act
def statements_save(*, actor: Actor, case: LoanCase, version: int, years: Sequence[Year]) -> LoanCase:
    """Take the yearly statements of a case as they stand in ``years``: new ones are added, known ones changed, others removed.

    Raises ``BadInput`` by ``field_position`` (``total_assets_0`` is the first year's) where a year does not balance.
    """
    locked = review_enter(case, actor=actor, version=version)
    _check(years)
    known = {row.fiscal_year: row for row in FinancialStatement.objects.select_for_update().filter(case=locked)}
    for year in years:
        _write(locked, known.pop(year.fiscal_year, None), year, actor)
    for left_out in known.values():
        left_out.delete()
    alerts_refresh(locked)
    case_touch(locked, actor=actor)
    record(
        Tag.STATEMENT_ENTERED, actor=actor, subject=locked, case=locked, stage=locked.stage,
        note={"years": [str(year.fiscal_year) for year in years]},
    )  # fmt: skip
    return locked


def _check(years: Sequence[Year]) -> None:
    if not years or len(years) > MOST_YEARS:
        raise BadInput(str(_("Enter between one and %(most)s years.") % {"most": MOST_YEARS}))
    errors: dict[str, list[object]] = {}
    for position, year in enumerate(years):
        for field, lines in _wrong(year).items():
            errors.setdefault(f"{field}_{position}", []).extend(lines)
    counted = Counter(year.fiscal_year for year in years)
    for position, year in enumerate(years):
        if counted[year.fiscal_year] > 1:
            errors.setdefault(f"fiscal_year_{position}", []).append(_("This year stands here twice."))
    if not errors and not rules.are_consecutive([year.fiscal_year for year in years]):
        errors["fiscal_year_0"] = [_("The years must follow each other without a gap.")]
    if errors:
        raise BadInput(errors)


def _wrong(year: Year) -> dict[str, list[object]]:
    found: dict[str, list[object]] = {field: list(lines) for field, lines in rules.imbalances(year.figures).items()}
    if year.period_end > clock.today():
        found["period_end"] = [_("This day lies in the future: a statement speaks of a year that has ended.")]
    elif not 0 <= year.period_end.year - year.fiscal_year <= 1:
        found["period_end"] = [_("The fiscal year %(year)s cannot end on this day.") % {"year": year.fiscal_year}]
    below = [name for name in rules.FIGURE_NAMES if name not in rules.SIGNED and getattr(year.figures, name) < 0]
    found.update({name: [_("Enter an amount of zero or more.")] for name in below})
    return found


def _write(case: LoanCase, row: FinancialStatement | None, year: Year, actor: Actor) -> None:
    statement = row or FinancialStatement(case=case, fiscal_year=year.fiscal_year)
    values = {name: getattr(year.figures, name) for name in rules.FIGURE_NAMES}
    values |= {"period_end": year.period_end, "is_audited": year.is_audited, "currency": case.currency}
    if row is not None and all(getattr(row, name) == value for name, value in values.items()):
        return
    for name, value in values.items():
        setattr(statement, name, value)
    statement.entered_by_id = actor.person_id
    statement.save()

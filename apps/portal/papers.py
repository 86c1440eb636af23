"""The statement of a loan that a borrower takes away; each is on record before a byte leaves."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from apps.access.services import authorize
from apps.accounts.selectors import institution
from apps.audit.services import record_read
from apps.audit.tags import Tag
from apps.core import clock, figures, money
from apps.core.actor import Actor
from apps.core.pdf import render_pdf
from apps.core.permissions import Permission
from apps.portal.loans import Period, closing_of, loan_shown, opening_of
from apps.post_loan.models import LedgerEntry, Loan, ScheduleRow
from apps.post_loan.rules import Due
from apps.post_loan.selectors.pages import totals

TEMPLATE = "portal/statement.typ"
WHOLE = Period()
BOM = "\ufeff"  # without it spreadsheets read Chinese headings as noise


def statement_pdf(actor: Actor, loan: Loan, period: Period = WHOLE) -> bytes:
    """The loan's statement of a period as PDF, in the reader's language."""
    _taken(actor, loan, "pdf", period)
    return render_pdf(TEMPLATE, statement_of(loan, period), translation.get_language() or "en", made_at=clock.now())


def statement_csv(actor: Actor, loan: Loan, period: Period = WHOLE) -> bytes:
    """The loan's schedule in a period as CSV with plain figures; days are ISO 8601."""
    _taken(actor, loan, "csv", period)
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow([_("No."), _("Due on"), _("Principal"), _("Interest"), _("Paid"), _("Still to pay"), _("Currency")])
    for row, due in _in(loan_shown(loan)["rows"], period):
        cells = (row.principal, row.interest, due.paid_total, due.open_total)
        plain = [f"{money.quantise(cell, loan.currency):f}" for cell in cells]
        writer.writerow([row.number, row.due_on.isoformat(), *plain, loan.currency])
    return (BOM + stream.getvalue()).encode()


def _in(rows: Sequence[tuple[ScheduleRow, Due]], period: Period) -> list[tuple[ScheduleRow, Due]]:
    return [(row, due) for row, due in rows if period.holds(row.due_on)]


def _taken(actor: Actor, loan: Loan, form: str, period: Period) -> None:
    authorize(actor, Permission.LOAN_VIEW, loan)
    record_read(Tag.STATEMENT_TAKEN, actor=actor, subject=loan, case=loan.case, note={"form": form, **_days(period)})


def _days(period: Period) -> dict[str, str]:
    """The days that a period names, by what they are."""
    named = {"begins": period.begins, "ends": period.ends}
    return {name: day.isoformat() for name, day in named.items() if day is not None}


def statement_of(loan: Loan, period: Period = WHOLE) -> dict[str, Any]:
    """What the statement of a period says, as plain words and figures."""
    place, shown = institution(), loan_shown(loan)
    rows = _in(shown["rows"], period)
    return {
        "institution": place.name if place else "", "reference": loan.number, "footer": clock.today().isoformat(),
        "title": _("Statement of loan %(number)s") % {"number": loan.number},
        "pairs": [*_pairs(loan, shown), *_period_pairs(loan, shown["ledger"], period)],
        "heading": [_("No."), _("Due on"), _("Principal"), _("Interest"), _("Paid"), _("Still to pay")],
        "rows": [_row(loan, row, due) for row, due in rows] + [_total(loan, totals([row for row, _due in rows]))],
        "moved_title": _("Movements"), "moved_heading": [_("Value date"), _("What"), _("Amount"), _("Balance")],
        "moved": [
            [each.value_on.isoformat(), str(each.get_kind_display()), _money(each.amount, loan), _money(each.balance, loan)]
            for each in shown["ledger"] if period.holds(each.value_on)
        ],
    }  # fmt: skip


def _period_pairs(loan: Loan, ledger: Sequence[LedgerEntry], period: Period) -> list[list[str]]:
    """The period with what was owed before and after it; nothing where the statement is of everything."""
    if period == WHOLE:
        return []
    begins, ends = ((day.isoformat() if day else "…") for day in (period.begins, period.ends))
    return [
        [_("Period"), f"{begins} – {ends}"],
        [_("Owed before"), f"{loan.currency} {_money(opening_of(ledger, period), loan)}"],
        [_("Owed at the end"), f"{loan.currency} {_money(closing_of(ledger, period), loan)}"],
    ]


def _pairs(loan: Loan, shown: dict[str, Any]) -> list[list[str]]:
    following = shown["next"]
    lines = [
        [_("Borrower"), loan.borrower.legal_name],
        [_("Paid out on"), loan.paid_out_on.isoformat()],
        [_("Amount paid out"), f"{loan.currency} {_money(loan.principal, loan)}"],
        [_("Rate, a year"), figures.percent(loan.rate, 2)],
        [_("Balance"), f"{loan.currency} {_money(loan.balance, loan)}"],
    ]
    if following is not None:
        owed = f"{loan.currency} {_money(following.open_total, loan)}"
        lines.append([_("Next payment"), f"{following.due_on.isoformat()} · {owed}"])
    return lines


def _row(loan: Loan, row: Any, due: Any) -> list[str]:
    cells = (row.principal, row.interest, due.paid_total, due.open_total)
    return [str(row.number), row.due_on.isoformat(), *(_money(cell, loan) for cell in cells)]


def _total(loan: Loan, totals: dict[str, Any]) -> list[str]:
    cells = (totals["principal"], totals["interest"], totals["paid"], totals["open"])
    return ["", _("Total"), *(_money(cell, loan) for cell in cells)]


def _money(value: Any, loan: Loan) -> str:
    return figures.amount(value, loan.currency)

"""The statement of a loan that a borrower takes away; each is on record before a byte leaves."""

from __future__ import annotations

import csv
import io
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
from apps.portal.selectors import loan_shown
from apps.post_loan.models import Loan

TEMPLATE = "portal/statement.typ"
BOM = "\ufeff"  # without it spreadsheets read Chinese headings as noise


def statement_pdf(actor: Actor, loan: Loan) -> bytes:
    """The loan's statement as PDF, in the reader's language."""
    _taken(actor, loan, "pdf")
    return render_pdf(TEMPLATE, statement_of(loan), translation.get_language() or "en", made_at=clock.now())


def statement_csv(actor: Actor, loan: Loan) -> bytes:
    """The loan's schedule as CSV with plain figures; days are ISO 8601."""
    _taken(actor, loan, "csv")
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow([_("No."), _("Due on"), _("Principal"), _("Interest"), _("Paid"), _("Still to pay"), _("Currency")])
    for row, due in loan_shown(loan)["rows"]:
        cells = (row.principal, row.interest, due.paid_total, due.open_total)
        plain = [f"{money.quantise(cell, loan.currency):f}" for cell in cells]
        writer.writerow([row.number, row.due_on.isoformat(), *plain, loan.currency])
    return (BOM + stream.getvalue()).encode()


def _taken(actor: Actor, loan: Loan, form: str) -> None:
    authorize(actor, Permission.LOAN_VIEW, loan)
    record_read(Tag.STATEMENT_TAKEN, actor=actor, subject=loan, case=loan.case, note={"form": form})


def statement_of(loan: Loan) -> dict[str, Any]:
    """What the statement says, as plain words and figures."""
    place, shown = institution(), loan_shown(loan)
    return {
        "institution": place.name if place else "", "reference": loan.number, "footer": clock.today().isoformat(),
        "title": _("Statement of loan %(number)s") % {"number": loan.number},
        "pairs": _pairs(loan, shown),
        "heading": [_("No."), _("Due on"), _("Principal"), _("Interest"), _("Paid"), _("Still to pay")],
        "rows": [_row(loan, row, due) for row, due in shown["rows"]] + [_total(loan, shown["totals"])],
        "moved_title": _("Movements"), "moved_heading": [_("Value date"), _("What"), _("Amount"), _("Balance")],
        "moved": [
            [each.value_on.isoformat(), str(each.get_kind_display()), _money(each.amount, loan), _money(each.balance, loan)]
            for each in shown["ledger"]
        ],
    }  # fmt: skip


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

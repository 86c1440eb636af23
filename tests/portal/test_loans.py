"""A loan in the portal: the next payment first, figures that add up, statements of a period, and what settles it early."""

from __future__ import annotations

import csv
import datetime as dt
import html
import io
import json
import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from apps.audit.models import AuditEvent
from apps.core import clock, figures
from apps.core.errors import BadInput
from apps.portal.loans import Period, closing_of, loan_shown, opening_of, quote_on
from apps.post_loan.models import Loan
from apps.workflow.models import LoanCase
from tests.disbursement import factories as disbursement
from tests.portal import factories as portal
from tests.worlds import once_a_module

paid = once_a_module(disbursement.case_paid)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("paid")]


@pytest.fixture
def loan(paid: LoanCase) -> Loan:
    """The loan that was paid out."""
    return Loan.objects.get(case=paid)


def words(response: Any) -> str:
    return html.unescape(response.content.decode())


def test_the_next_payment_comes_first_with_its_day_its_account_and_what_if_late(
    client: Client, paid: LoanCase, loan: Loan
) -> None:
    portal.entered(client, paid)
    text = words(client.get(reverse("portal:loan", args=[loan.number])))
    first = loan_shown(loan)["next"]
    assert figures.amount(first.open_total, loan.currency) in text
    assert text.index("Next payment") < text.index("Schedule")
    for part in ("From your account", "What if I pay late?", "Balance after it", "Principal over time"):
        assert part in text


def test_every_figure_of_schedule_and_movements_names_itself_where_columns_become_lines(
    client: Client, paid: LoanCase, loan: Loan
) -> None:
    portal.entered(client, paid)
    text = words(client.get(reverse("portal:loan", args=[loan.number])))
    tables = re.findall(r'<table class="[^"]*rows-cards[^"]*">(.*?)</table>', text, re.DOTALL)
    assert len(tables) == 2
    for table in tables:
        figures = re.findall(r'<td class="num[^>]*>', table)
        assert figures
        assert all("data-label=" in figure for figure in figures)


def test_the_schedule_adds_up_and_ends_at_nothing(loan: Loan) -> None:
    shown = loan_shown(loan)
    assert shown["lines"][-1][3] == 0
    assert all(together == row.principal + row.interest for row, _due, together, _left in shown["lines"])
    assert sum(together for _row, _due, together, _left in shown["lines"]) == shown["totals"]["due"]


def test_an_overdue_instalment_is_said_to_be_so(client: Client, paid: LoanCase, loan: Loan) -> None:
    account = portal.account_for(paid)
    with clock.at(clock.now() + dt.timedelta(days=40)):
        portal.people.signed_in(client, account)
        text = words(client.get(reverse("portal:loan", args=[loan.number])))
    assert "Overdue altogether" in text


@pytest.mark.parametrize(("days", "interest"), [(0, False), (20, True)])
def test_a_quote_holds_principal_and_the_interest_run_to_the_day(loan: Loan, days: int, interest: bool) -> None:
    told = quote_on(loan, clock.today() + dt.timedelta(days=days))
    assert told.principal == loan.balance
    assert (told.interest > 0) is interest


@pytest.mark.parametrize("days", [-1, 36500])
def test_no_quote_for_a_day_that_is_past_or_after_the_last_instalment(loan: Loan, days: int) -> None:
    with pytest.raises(BadInput):
        quote_on(loan, clock.today() + dt.timedelta(days=days))


def test_the_page_of_paying_early_asks_for_a_day(client: Client, paid: LoanCase, loan: Loan) -> None:
    portal.entered(client, paid)
    address = reverse("portal:settle", args=[loan.number])
    assert figures.amount(loan.balance, loan.currency) in words(client.get(address))
    day = clock.today() + dt.timedelta(days=30)
    told = figures.amount(quote_on(loan, day).total, loan.currency)
    assert told in words(client.get(address, {"on": day.isoformat()}))
    for wrong in ("", "soon", "2001-01-01"):
        assert client.get(address, {"on": wrong}).status_code == 400, wrong
    portal.entered(client, portal.factories.case())
    assert client.get(address).status_code == 404


def test_a_statement_of_a_period_has_its_days_and_no_others(client: Client, paid: LoanCase, loan: Loan) -> None:
    portal.entered(client, paid)
    begins = loan.paid_out_on + dt.timedelta(days=1)
    ends = begins + dt.timedelta(days=92)
    address, days = reverse("portal:statement", args=[loan.number, "csv"]), {"begins": str(begins), "ends": str(ends)}
    rows = list(csv.reader(io.StringIO(client.get(address, days).content.decode("utf-8-sig"))))
    assert 3 <= len(rows) - 1 <= 4
    assert all(str(begins) <= row[1] <= str(ends) for row in rows[1:])
    pdf = client.get(reverse("portal:statement", args=[loan.number, "pdf"]), days).content
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    assert "Owed at the end" in text
    assert str(loan.paid_out_on) + "payout" not in text.replace(" ", "")
    note = json.loads(AuditEvent.objects.filter(action="portal.statement_taken").latest("id").body)["note"]
    assert (note["begins"], note["ends"]) == (str(begins), str(ends))
    for wrong in ({"begins": "soon"}, {"begins": str(ends), "ends": str(begins)}):
        assert client.get(address, wrong).status_code == 400


def test_a_period_knows_what_was_owed_at_both_ends(loan: Loan) -> None:
    ledger, day = list(loan.ledger.all()), loan.paid_out_on
    before, after = Period(ends=day - dt.timedelta(days=1)), Period(begins=day + dt.timedelta(days=1))
    assert (opening_of(ledger, before), closing_of(ledger, before)) == (Decimal(0), Decimal(0))
    assert (opening_of(ledger, after), closing_of(ledger, after)) == (loan.principal, loan.principal)

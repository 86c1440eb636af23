"""Yearly financial statements of the business that asks."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core.classes import declared
from apps.core.models import Row
from apps.credit_review.rules import FIGURE_NAMES, Figures


def _amount(label: Any) -> models.DecimalField:  # type: ignore[type-arg]
    return models.DecimalField(label, max_digits=18, decimal_places=4, default=0)


class FinancialStatement(Row):
    """One fiscal year's income statement and balance sheet, in the case's currency; figures as in ``rules.Figures``."""

    case = models.ForeignKey("workflow.LoanCase", models.PROTECT, related_name="statements")
    fiscal_year = models.PositiveSmallIntegerField(_("fiscal year"))
    period_end = models.DateField(_("end of the year"))
    is_audited = models.BooleanField(_("audited"), default=False)
    currency = models.CharField(_("currency"), max_length=3)
    revenue = _amount(_("revenue"))
    cost_of_sales = _amount(_("cost of sales"))
    operating_expenses = _amount(_("operating expenses"))
    depreciation = _amount(_("depreciation"))
    interest_expense = _amount(_("interest"))
    other_income = _amount(_("other income and costs"))
    tax = _amount(_("tax"))
    net_profit = _amount(_("net profit"))
    cash = _amount(_("cash"))
    receivables = _amount(_("receivables"))
    inventory = _amount(_("inventory"))
    current_assets = _amount(_("current assets"))
    fixed_assets = _amount(_("fixed assets"))
    total_assets = _amount(_("total assets"))
    current_liabilities = _amount(_("current liabilities"))
    long_term_debt = _amount(_("long-term debt"))
    total_liabilities = _amount(_("total liabilities"))
    equity = _amount(_("equity"))
    debt_service = _amount(_("debt service in twelve months"))
    entered_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")

    data_classes = declared(
        codes="currency",
        facts="fiscal_year period_end is_audited revenue cost_of_sales operating_expenses depreciation interest_expense other_income tax net_profit cash receivables inventory current_assets fixed_assets total_assets current_liabilities long_term_debt total_liabilities equity debt_service",
    )

    class Meta:
        verbose_name = _("financial statement")
        ordering = ["fiscal_year"]
        constraints = [
            models.UniqueConstraint(fields=["case", "fiscal_year"], name="statement_once_a_year"),
            models.CheckConstraint(
                condition=Q(total_assets__lte=F("total_liabilities") + F("equity") + 1)
                & Q(total_assets__gte=F("total_liabilities") + F("equity") - 1),
                name="statement_balances",
            ),
        ]

    @property
    def figures(self) -> Figures:
        """The year as plain figures for the rules."""
        return Figures(**{name: getattr(self, name) for name in FIGURE_NAMES})

"""Reads of suppliers' invoices: what of each is unpaid, and whether a payment fits one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from apps.borrowers.models import BankAccount
from apps.borrowers.rules import compact
from apps.core import figures
from apps.disbursement.models import Drawdown, PaymentOrder, SupplierInvoice
from apps.disbursement.models.payment import COUNTED
from apps.workflow.models import LoanCase

MONEY: DecimalField[Any, Any] = DecimalField(max_digits=18, decimal_places=4)


def invoices_open(case: LoanCase) -> QuerySet[SupplierInvoice]:
    """Invoices of a case of which something is unpaid, with ``paid``: what is paid or on its way."""
    orders = PaymentOrder.objects.filter(drawdown__bill=OuterRef("pk"), drawdown__state__in=COUNTED)
    sums = orders.order_by().values("drawdown__bill").annotate(total=Sum("amount")).values("total")
    rows = SupplierInvoice.objects.select_related("key_owner").filter(case=case)
    paid = Coalesce(Subquery(sums, output_field=MONEY), Value(Decimal(0), output_field=MONEY))
    return rows.annotate(paid=paid).filter(paid__lt=F("amount")).order_by("id")


def unpaid_of(invoice: SupplierInvoice, *, without: Drawdown | None = None) -> Decimal:
    """What of an invoice is neither paid nor on its way, leaving one drawdown out."""
    orders = PaymentOrder.objects.filter(drawdown__bill=invoice, drawdown__state__in=COUNTED)
    if without is not None:
        orders = orders.exclude(drawdown=without)
    paid = orders.aggregate(total=Sum("amount"))["total"] or Decimal(0)
    return Decimal(invoice.amount - paid)


def invoice_gaps(
    payee: BankAccount,
    invoice: SupplierInvoice | None,
    pays: Decimal,
    currency: str,
    *,
    without: Drawdown | None = None,
) -> list[Any]:
    """Why a payment to a supplier does not fit its invoice: no invoice, other holder or currency, more than is unpaid."""
    if invoice is None:
        return [_("Entrusted payment needs the supplier's invoice.")]
    lines: list[Any] = []
    if invoice.case.borrower_id != payee.borrower_id:
        lines.append(_("The invoice belongs to another borrower."))
    if compact(invoice.supplier.reveal()) != compact(payee.holder.reveal()):
        lines.append(_("The supplier on the invoice is not the holder of the account."))
    if invoice.currency != currency:
        lines.append(_("The invoice is in %(currency)s.") % {"currency": invoice.currency})
        return lines
    left = unpaid_of(invoice, without=without)
    if pays > left:
        lines.append(_("Only %(left)s of the invoice is unpaid.") % {"left": figures.amount(left, currency)})
    return lines

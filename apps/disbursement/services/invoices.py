"""Takes a supplier's invoice into a case: its facts from the page, its scan, and once only in the whole institution."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.borrowers.rules import compact
from apps.core import money
from apps.core.actor import Actor
from apps.core.errors import BadInput
from apps.core.money import MINOR_UNITS
from apps.disbursement.models import SupplierInvoice
from apps.disbursement.services.contracts import LARGEST, Paper
from apps.vault import files
from apps.vault.blind import blind_index
from apps.workflow.models import LoanCase

LIMITS = {"supplier": 200, "number": 80}
FIELDS = {
    "supplier": "supplier",
    "number": "invoice_number",
    "amount": "invoice_amount",
    "currency": "invoice_currency",
}
"""Names under which a form shows what is wrong with the invoice."""


@dataclass(frozen=True, slots=True)
class InvoiceGiven:
    """What stands on an invoice, and its scanned page."""

    supplier: str
    number: str
    amount: Decimal | None
    currency: str
    paper: Paper | None


def invoice_take(case: LoanCase, actor: Actor, given: InvoiceGiven) -> SupplierInvoice:
    """Keep an invoice under the borrower's key; raises ``BadInput`` by field. Needs an open act."""
    _check(given)
    if _known(given):
        raise BadInput({FIELDS["number"]: [TWICE]})
    if given.amount is None or given.paper is None:  # refused just above
        raise BadInput(TWICE)
    owner, paper = case.borrower.key_owner, given.paper
    scan = files.store(owner, paper.stream, name=paper.name, content_type=paper.content_type, max_bytes=LARGEST)
    if SupplierInvoice.objects.filter(file__sha256=scan.sha256).exists():
        raise BadInput({"invoice": [_("This very page was given for another invoice already.")]})
    try:
        with transaction.atomic():
            return SupplierInvoice.objects.create(
                case=case, key_owner=owner, supplier=given.supplier.strip(), number=given.number.strip(), amount=given.amount,
                currency=given.currency, file=scan, entered_by_id=actor.person_id,
            )  # fmt: skip
    except IntegrityError as twice:  # somebody entered the same invoice in another case at the same moment
        raise BadInput({FIELDS["number"]: [TWICE]}) from twice


TWICE = _(
    "This invoice of this supplier is known already: it is not paid twice. Choose it from the list of its own case."
)


def _known(given: InvoiceGiven) -> bool:
    """Tell whether any case has an invoice of this supplier with this number."""
    path = "disbursement.SupplierInvoice"
    return SupplierInvoice.objects.filter(
        supplier_index=blind_index(f"{path}.supplier", given.supplier), number_index=blind_index(f"{path}.number", given.number)
    ).exists()  # fmt: skip


def _check(given: InvoiceGiven) -> None:
    errors: dict[str, list[Any]] = {}
    for name, words in (
        ("supplier", _("Name the supplier as on the invoice.")),
        ("number", _("Enter the invoice's number.")),
    ):
        value = getattr(given, name)
        if not compact(value):
            errors[FIELDS[name]] = [words]
        elif len(value.strip()) > LIMITS[name]:
            errors[FIELDS[name]] = [_("Use at most %(limit)s characters.") % {"limit": LIMITS[name]}]
    if given.currency not in MINOR_UNITS:
        errors[FIELDS["currency"]] = [_("Choose a currency.")]
    elif given.amount is None or given.amount <= 0 or not money.is_exact(given.amount, given.currency):
        errors[FIELDS["amount"]] = [_("Enter the invoice's total, in whole minor units.")]
    if given.paper is None:
        errors["invoice"] = [_("Add the scanned invoice.")]
    if errors:
        raise BadInput(errors)

"""Suppliers' invoices that entrusted payments are made on; each is known once in the whole institution."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.borrowers.rules import compact
from apps.core.classes import declared
from apps.core.models import Row
from apps.vault.fields import BlindIndexField, EncryptedTextField


class SupplierInvoice(Row):
    """An invoice with its scan. Payments on it never sum to more than its amount; nobody enters it a second time."""

    case = models.ForeignKey("workflow.LoanCase", on_delete=models.PROTECT, related_name="supplier_invoices")
    key_owner = models.ForeignKey("vault.KeyOwner", on_delete=models.PROTECT, related_name="+", editable=False)
    supplier = EncryptedTextField(_("supplier"), owner="key_owner", max_length=200, mask="name")
    supplier_index = BlindIndexField(source="supplier", normaliser=compact, bits=64)
    number = EncryptedTextField(_("invoice number"), owner="key_owner", max_length=80, mask="tail4")
    number_index = BlindIndexField(source="number", normaliser=compact, bits=64)
    amount = models.DecimalField(_("invoice amount"), max_digits=18, decimal_places=4)
    currency = models.CharField(_("currency"), max_length=3)
    file = models.ForeignKey("vault.EncryptedFile", on_delete=models.PROTECT, related_name="+")
    entered_by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")

    data_classes = declared(codes="currency", facts="amount")

    class Meta:
        verbose_name = _("supplier's invoice")
        verbose_name_plural = _("suppliers' invoices")
        constraints = [
            models.UniqueConstraint(fields=["supplier_index", "number_index"], name="supplier_invoice_once"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, supplier_index__isnull=False, number_index__isnull=False),
                name="supplier_invoice_whole",
            ),
        ]

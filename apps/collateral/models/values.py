"""What assets are worth, and what the check of a case's collateral came to."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.collateral.models.burdens import OfAsset
from apps.core.classes import declared
from apps.core.models import Row
from apps.vault.fields import EncryptedJSONField, EncryptedTextField


class ValuationState(models.TextChoices):
    """Where a valuation stands."""

    ORDERED = "ordered", _("ordered")
    RECEIVED = "received", _("received")
    CANCELLED = "cancelled", _("cancelled")


class Source(models.TextChoices):
    """Who values."""

    INTERNAL = "internal", _("our own appraiser")
    EXTERNAL = "external", _("external firm")


class Valuation(OfAsset):
    """A valuation, ordered and then received. ``haircut`` is the share of the value that is not lent against."""

    state = models.CharField(_("state"), max_length=10, choices=ValuationState, default=ValuationState.ORDERED)
    source = models.CharField(_("source"), max_length=10, choices=Source)
    valuer = EncryptedTextField(_("valuer"), owner="key_owner", max_length=160, mask="name")
    ordered_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    due_on = models.DateField(_("wanted by"), null=True, blank=True)
    received_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    valued_on = models.DateField(_("valued on"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    amount = models.DecimalField(_("value"), max_digits=18, decimal_places=4, null=True, blank=True)
    haircut = models.DecimalField(_("haircut"), max_digits=5, decimal_places=4, null=True, blank=True)
    lending_value = models.DecimalField(
        _("lending value when received"), max_digits=18, decimal_places=4, null=True, blank=True
    )
    document_id = models.BigIntegerField(_("document"), null=True, blank=True)

    data_classes = declared(
        codes="currency",
        facts="state source due_on valued_on amount haircut lending_value document_id",
    )

    class Meta:
        verbose_name = _("valuation")
        indexes = [models.Index(fields=["asset", "state", "-valued_on", "-id"], name="valuation_newest")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="received")
                | Q(valued_on__isnull=False, amount__gt=0, haircut__gte=0, haircut__lt=1),
                name="valuation_received_whole",
            ),
        ]


class Confirmation(Row):
    """What an appraiser confirmed: all assets against the loan on a day. A new one supersedes the last; none is changed."""

    case = models.ForeignKey("workflow.LoanCase", models.PROTECT, related_name="collateral_confirmations")
    currency = models.CharField(_("currency"), max_length=3)
    loan = models.DecimalField(_("loan"), max_digits=18, decimal_places=4)
    total_value = models.DecimalField(_("value"), max_digits=18, decimal_places=4)
    prior_liens = models.DecimalField(_("prior liens"), max_digits=18, decimal_places=4)
    lending_value = models.DecimalField(_("lending value"), max_digits=18, decimal_places=4)
    assumed_value = models.DecimalField(_("assumed lending value"), max_digits=18, decimal_places=4)
    ltv = models.DecimalField(_("loan to value"), max_digits=9, decimal_places=4, null=True)
    cover = models.DecimalField(_("cover"), max_digits=12, decimal_places=4, null=True)
    oldest_valuation_on = models.DateField(_("oldest valuation"), null=True)
    is_below = models.BooleanField(_("below the assumption"))
    assets = EncryptedJSONField(_("assets"), owner="case.borrower.key_owner", mask="full")
    confirmed_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")

    data_classes = declared(
        codes="currency",
        facts="loan total_value prior_liens lending_value assumed_value ltv cover oldest_valuation_on is_below",
    )

    class Meta:
        verbose_name = _("confirmation of collateral")
        verbose_name_plural = _("confirmations of collateral")
        indexes = [models.Index(fields=["case", "-id"], name="confirmation_newest")]

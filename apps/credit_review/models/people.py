"""What is known of the credit of the business and of those who stand behind it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.classes import declared
from apps.core.models import Row
from apps.vault.fields import EncryptedDecimalField, EncryptedJSONField


class BureauReport(Row):
    """A credit bureau's report on the borrower or on one party, entered by hand; its figures are encrypted.

    ``figures`` holds ``BureauFigures`` (see ``bureau.py``) under the subject's own key. The consent belongs to
    applications, which is asked for it; only its id and day are kept here, as is the id of the scanned report.
    """

    case = models.ForeignKey("workflow.LoanCase", models.PROTECT, related_name="bureau_reports")
    key_owner = models.ForeignKey("vault.KeyOwner", models.PROTECT, related_name="+")
    party = models.ForeignKey("borrowers.Party", models.PROTECT, null=True, blank=True, related_name="+")
    bureau = models.CharField(_("bureau"), max_length=80)
    report_date = models.DateField(_("date of the report"))
    consent_id = models.BigIntegerField(_("consent"))
    consent_on = models.DateField(_("consent of"))
    document_id = models.BigIntegerField(_("document"), null=True, blank=True)
    figures = EncryptedJSONField(_("figures"), owner="key_owner")
    entered_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")

    data_classes = declared(institutions="bureau", facts="report_date consent_id consent_on document_id")

    class Meta:
        verbose_name = _("bureau report")
        indexes = [models.Index(fields=["case", "party", "-report_date"], name="bureau_newest")]
        constraints = [
            models.CheckConstraint(condition=Q(report_date__gte=models.F("consent_on")), name="bureau_after_consent"),
        ]


class GuaranteeKind(models.TextChoices):
    """How a guarantor is bound."""

    JOINT = "joint", _("joint and several")
    GENERAL = "general", _("after the borrower")


class Guarantor(Row):
    """A party that stands in for the loan up to an amount; what they own is encrypted under their own key."""

    case = models.ForeignKey("workflow.LoanCase", models.PROTECT, related_name="guarantors")
    key_owner = models.ForeignKey("vault.KeyOwner", models.PROTECT, related_name="+")
    party = models.ForeignKey("borrowers.Party", models.PROTECT, related_name="guarantees")
    kind = models.CharField(_("kind of guarantee"), max_length=10, choices=GuaranteeKind, default=GuaranteeKind.JOINT)
    currency = models.CharField(_("currency"), max_length=3)
    amount = models.DecimalField(_("amount guaranteed"), max_digits=18, decimal_places=4)
    net_worth = EncryptedDecimalField(_("net worth"), owner="key_owner", null=True, blank=True)
    report = models.ForeignKey(BureauReport, models.PROTECT, null=True, blank=True, related_name="+")
    seen_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    seen_at = models.DateTimeField(_("credit seen"), null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    added_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")

    data_classes = declared(codes="currency", facts="kind amount seen_at ended_at")

    class Meta:
        verbose_name = _("guarantor")
        constraints = [
            models.UniqueConstraint(fields=["case", "party"], condition=Q(ended_at=None), name="guarantor_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="guarantee_above_zero"),
        ]

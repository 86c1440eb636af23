"""The application of a case: its words, its versions, and the borrower's declaration that it is true.

Amounts and terms live on the facilities; business and people live with the borrower.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.classes import declared
from apps.core.models import Row
from apps.vault.fields import EncryptedJSONField, EncryptedTextField


class How(models.TextChoices):
    """How the borrower said it."""

    PAPER = "paper", _("signed on paper")
    PORTAL = "portal", _("in the portal")


class Application(Row):
    """What the borrower says besides figures. ``revision`` grows with every change of what a declaration speaks of."""

    case = models.OneToOneField("workflow.LoanCase", models.PROTECT, related_name="application")
    key_owner = models.ForeignKey("vault.KeyOwner", models.PROTECT, related_name="+", editable=False)
    purpose = EncryptedTextField(_("purpose of the loan"), owner="key_owner", max_length=2000, blank=True, mask="full")
    repayment_source = EncryptedTextField(
        _("source of repayment"), owner="key_owner", max_length=2000, blank=True, mask="full"
    )
    narrative = EncryptedTextField(_("about the business"), owner="key_owner", max_length=4000, blank=True, mask="full")
    revision = models.PositiveIntegerField(default=1)

    data_classes = declared(facts="revision")

    class Meta:
        verbose_name = _("application")


class Declaration(Row):
    """A signer's word that the application is complete and true, for one revision of it."""

    case = models.ForeignKey("workflow.LoanCase", models.PROTECT, related_name="declarations")
    party = models.ForeignKey("borrowers.Party", models.PROTECT, related_name="+", verbose_name=_("signed by"))
    revision = models.PositiveIntegerField()
    text_version = models.CharField(_("version of the text"), max_length=16)
    how = models.CharField(_("how"), max_length=8, choices=How)
    document = models.ForeignKey("applications.Document", models.PROTECT, null=True, blank=True, related_name="+")
    signed_on = models.DateField(_("signed on"))

    data_classes = declared(codes="text_version", facts="revision how signed_on")

    class Meta:
        verbose_name = _("declaration")
        constraints = [
            models.UniqueConstraint(fields=["case", "party", "revision"], name="declared_once_a_revision"),
        ]


class ApplicationVersion(Row):
    """The whole application as it stood at a moment: when submitted, and before and after each correction."""

    case = models.ForeignKey("workflow.LoanCase", models.PROTECT, related_name="application_versions")
    key_owner = models.ForeignKey("vault.KeyOwner", models.PROTECT, related_name="+", editable=False)
    number = models.PositiveIntegerField()
    revision = models.PositiveIntegerField()
    content = EncryptedJSONField(owner="key_owner")
    made_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    why = models.CharField(
        max_length=10,
        choices=[("submitted", _("submitted")), ("before", _("before a correction")), ("corrected", _("corrected"))],
    )
    confirmed_by = models.ForeignKey("borrowers.Party", models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_how = models.CharField(max_length=8, choices=How, blank=True)
    confirmed_on = models.DateField(null=True, blank=True)
    document = models.ForeignKey("applications.Document", models.PROTECT, null=True, blank=True, related_name="+")

    data_classes = declared(facts="number revision why confirmed_how confirmed_on")

    class Meta:
        verbose_name = _("version of the application")
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="application_version_number")]

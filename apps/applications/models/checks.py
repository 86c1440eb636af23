"""What intake checks: that people are who they say, and that a business is not known under another name."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.classes import declared
from apps.core.models import Row
from apps.vault.fields import EncryptedTextField


class CheckMethod(models.TextChoices):
    """How somebody's identity was checked. A valid number alone is no check."""

    REGISTRY = "registry", _("register queried")
    SCANNED_DOCUMENT = "scanned_document", _("scanned document compared")
    FACE_MATCH = "face_match", _("face compared with the document")
    ORIGINAL_SIGHTED = "original_sighted", _("original document seen")


class IdentityCheck(Row):
    """One check of one person on a day: method, evidence, who checked, and whether it held."""

    case = models.ForeignKey("workflow.LoanCase", models.PROTECT, related_name="identity_checks")
    key_owner = models.ForeignKey("vault.KeyOwner", models.PROTECT, related_name="+", editable=False)
    party = models.ForeignKey(
        "borrowers.Party", models.PROTECT, related_name="identity_checks", verbose_name=_("person")
    )
    method = models.CharField(_("method"), max_length=20, choices=CheckMethod)
    evidence = EncryptedTextField(_("evidence"), owner="key_owner", max_length=400, blank=True, mask="full")
    document = models.ForeignKey("applications.Document", models.PROTECT, null=True, blank=True, related_name="+")
    checked_on = models.DateField(_("checked on"))
    verifier = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+", verbose_name=_("checked by"))
    passed = models.BooleanField(_("the identity is confirmed"))

    data_classes = declared(facts="method checked_on passed")

    class Meta:
        verbose_name = _("identity check")


class Verdict(models.TextChoices):
    """What a shared feature turned out to mean."""

    SAME = "same", _("the same business, entered twice")
    RELATED = "related", _("related businesses")
    UNRELATED = "unrelated", _("unrelated")


class DuplicateFinding(Row):
    """A feature shared with another borrower, and how it was settled."""

    case = models.ForeignKey("workflow.LoanCase", models.PROTECT, related_name="duplicates")
    key_owner = models.ForeignKey("vault.KeyOwner", models.PROTECT, related_name="+", editable=False)
    kind = models.CharField(_("shared"), max_length=12)
    other = models.ForeignKey("borrowers.Borrower", models.PROTECT, related_name="+", verbose_name=_("shared with"))
    verdict = models.CharField(_("what it means"), max_length=10, choices=Verdict, blank=True)
    explanation = EncryptedTextField(_("explanation"), owner="key_owner", max_length=1000, blank=True, mask="full")
    settled_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)

    data_classes = declared(codes="kind", facts="verdict settled_at")

    class Meta:
        verbose_name = _("duplicate")
        constraints = [models.UniqueConstraint(fields=["case", "kind", "other"], name="duplicate_once")]

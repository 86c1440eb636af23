"""The checklist of a case, its documents, and who has opened which."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.classes import declared
from apps.core.models import Row
from apps.vault.fields import EncryptedTextField

STATE_WORDS: dict[str, Any] = {"added": _("to be judged"), "accepted": _("accepted"), "rejected": _("rejected")}


class ChecklistItem(Row):
    """A document that the case needs, from the jurisdiction pack."""

    case = models.ForeignKey("workflow.LoanCase", models.PROTECT, related_name="checklist")
    code = models.CharField(max_length=40)
    required = models.BooleanField(default=True)

    data_classes = declared(codes="code", facts="required")

    class Meta:
        verbose_name = _("item of the checklist")
        constraints = [models.UniqueConstraint(fields=["case", "code"], name="checklist_item_once")]


class Document(Row):
    """An encrypted file on a case. Never changed or removed: a better one replaces it, a wrong one is rejected."""

    case = models.ForeignKey("workflow.LoanCase", models.PROTECT, related_name="documents")
    key_owner = models.ForeignKey("vault.KeyOwner", models.PROTECT, related_name="+", editable=False)
    code = models.CharField(_("what it is"), max_length=40)
    file = models.OneToOneField("vault.EncryptedFile", models.PROTECT, related_name="+")
    pages = models.PositiveIntegerField(null=True, blank=True)
    visit = models.ForeignKey(
        "applications.VisitReport", models.PROTECT, null=True, blank=True, related_name="photographs"
    )
    uploaded_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    uploaded_as = models.CharField(max_length=80)
    verified_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    verified_at = models.DateTimeField(null=True, blank=True)
    rejected_at = models.DateTimeField(null=True, blank=True)
    rejected_why = EncryptedTextField(owner="key_owner", max_length=400, blank=True, mask="full")

    data_classes = declared(accounts="uploaded_as", codes="code", facts="pages verified_at rejected_at")

    class Meta:
        verbose_name = _("document")
        indexes = [models.Index(fields=["case", "code", "-id"], name="document_case_code")]
        constraints = [
            models.CheckConstraint(condition=Q(verified_at=None) | Q(rejected_at=None), name="document_one_verdict"),
        ]

    @property
    def sha256(self) -> str:
        """Digest of the plain content."""
        return self.file.sha256

    @property
    def state(self) -> str:
        """Where the document stands: ``accepted``, ``rejected`` or ``added``."""
        if self.verified_at is not None:
            return "accepted"
        return "rejected" if self.rejected_at is not None else "added"

    def get_state_display(self) -> Any:
        """The state in words."""
        return STATE_WORDS[self.state]


class DocumentOpening(models.Model):
    """Who has opened which document, for "you opened 7 of 12". Ungoverned: each opening is an event of its own."""

    document = models.ForeignKey(Document, models.PROTECT, related_name="openings")
    person = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    first_at = models.DateTimeField(default=clock.now)

    data_classes = declared(facts="first_at")

    class Meta:
        verbose_name = _("opening of a document")
        constraints = [models.UniqueConstraint(fields=["document", "person"], name="opening_once_a_person")]

    def __str__(self) -> str:
        return f"opening {self.pk}"

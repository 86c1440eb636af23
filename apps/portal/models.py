"""What borrowers ask of the institution about themselves: a copy of the data it holds."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.models import Row
from apps.vault.fields import EncryptedTextField


class DataRequest(Row):
    """A person's request for the data held about them and the business they act for, and what became of it.

    The copy is two files under the borrower's key, reachable through ``open_until`` by the asking account alone.
    """

    borrower = models.ForeignKey("borrowers.Borrower", models.PROTECT, related_name="data_requests")
    key_owner = models.ForeignKey("vault.KeyOwner", models.PROTECT, related_name="+", editable=False)
    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="+")
    party = models.ForeignKey("borrowers.Party", models.PROTECT, related_name="+", verbose_name=_("person"))
    due_on = models.DateField(_("answer by"))
    decided_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    why = EncryptedTextField(
        _("why it was refused"), owner="key_owner", max_length=2000, blank=True, default="", mask="words"
    )
    readable = models.ForeignKey("vault.EncryptedFile", models.PROTECT, null=True, blank=True, related_name="+")
    data = models.ForeignKey("vault.EncryptedFile", models.PROTECT, null=True, blank=True, related_name="+")
    open_until = models.DateTimeField(_("may be downloaded until"), null=True, blank=True)

    class Meta:
        verbose_name = _("request for data")
        verbose_name_plural = _("requests for data")
        indexes = [models.Index(fields=["due_on", "id"], condition=Q(decided_at=None), name="data_request_open")]
        constraints = [
            models.UniqueConstraint(
                fields=["borrower", "account"], condition=Q(decided_at=None), name="one_open_data_request"
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None) | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="data_request_decision_whole",
            ),
            models.CheckConstraint(
                condition=Q(readable=None, data=None, open_until=None)
                | Q(readable__isnull=False, data__isnull=False, open_until__isnull=False, decided_at__isnull=False),
                name="data_request_copy_whole",
            ),
        ]

    @property
    def state(self) -> str:
        """``asked``, ``refused``, ``ready`` while the copy may be downloaded, or ``past``."""
        if self.decided_at is None:
            return "asked"
        if self.open_until is None:
            return "refused"
        return "ready" if clock.now() <= self.open_until else "past"

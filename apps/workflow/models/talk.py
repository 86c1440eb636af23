"""What is said on a case, and what is brought to people's notice."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.models import Row
from apps.vault.fields import EncryptedTextField


class Message(Row):
    """A note, question or answer on a case; encrypted under the borrower's key, since people write names into it."""

    case = models.ForeignKey("workflow.LoanCase", on_delete=models.PROTECT, related_name="messages")
    key_owner = models.ForeignKey("vault.KeyOwner", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(
        max_length=10, choices=[("note", _("note")), ("question", _("question")), ("answer", _("answer"))]
    )
    audience = models.CharField(
        _("to"), max_length=10, choices=[("borrower", _("borrower")), ("colleague", _("colleague"))]
    )
    body = EncryptedTextField(_("text"), owner="key_owner", max_length=4000, mask="full")
    author_name = models.CharField(max_length=80)
    author = models.ForeignKey("accounts.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    to_person = models.ForeignKey("accounts.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reply_to = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replies")
    due_on = models.DateField(_("answer by"), null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("message")
        indexes = [models.Index(fields=["case", "id"], name="message_case_order")]


class Notice(models.Model):
    """A line under the bell: what happened on which case; holds no personal data and decides nothing."""

    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="notices")
    case = models.ForeignKey("workflow.LoanCase", null=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=32)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        indexes = [models.Index(fields=["person", "read_at", "-id"], name="notice_unread")]

    def __str__(self) -> str:
        return f"notice {self.pk}"

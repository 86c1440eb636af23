"""What is said on a case, and what is brought to people's notice."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.classes import declared
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

    data_classes = declared(accounts="author_name", facts="kind audience due_on answered_at")

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
    mailed_at = models.DateTimeField(null=True, blank=True)

    data_classes = declared(codes="kind", facts="read_at mailed_at")

    class Meta:
        verbose_name = _("notice")
        indexes = [models.Index(fields=["person", "read_at", "-id"], name="notice_unread")]

    def __str__(self) -> str:
        return f"notice {self.pk}"


class Rhythm(models.TextChoices):
    """How often mails go out."""

    NOW = "now", _("As they come, within a quarter of an hour")
    DAILY = "daily", _("Once a day, together")


class NoticePreference(Row):
    """Which notices an account also gets by mail, and when; without a row none. The bell shows all of them in any case.

    Times are on the clock of ``zone``, the institution's where it is empty. Notices older than ``since`` are not mailed;
    ``site`` is the address of the house, as its owner opened it, for links.
    """

    account = models.OneToOneField("accounts.Account", on_delete=models.PROTECT, related_name="notice_preference")
    talk = models.BooleanField(default=False)
    moved = models.BooleanField(default=False)
    deadlines = models.BooleanField(default=False)
    branch = models.BooleanField(default=False)
    rhythm = models.CharField(max_length=8, choices=Rhythm, default=Rhythm.NOW)
    daily_at = models.TimeField(default=dt.time(8))
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    zone = models.CharField(max_length=64, blank=True)
    site = models.CharField(max_length=200, blank=True)
    since = models.DateTimeField()
    last_mail_at = models.DateTimeField(null=True, blank=True)

    data_classes = declared(
        codes="zone site",
        facts="talk moved deadlines branch rhythm daily_at quiet_from quiet_until since last_mail_at",
    )

    class Meta:
        verbose_name = _("notices by mail")
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None) | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="quiet_hours_whole",
            )
        ]

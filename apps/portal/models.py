"""What borrowers ask about themselves (a copy of the data held), and what the institution announces to all."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.classes import declared
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

    data_classes = declared(facts="due_on decided_at open_until")

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


class AnnouncementKind(models.TextChoices):
    """How much an announcement matters."""

    INFO = "info", _("for information")
    WARNING = "warning", _("warning")
    OUTAGE = "outage", _("something does not work")


class Audience(models.TextChoices):
    """Who is told; ``all`` is told on the sign-in page too."""

    PORTAL = "portal", _("borrowers in the portal")
    STAFF = "staff", _("staff")
    ALL = "all", _("everybody, before signing in too")


class Announcement(Row):
    """Words for all, in both languages, from one moment to another; written by one person and never of one person."""

    kind = models.CharField(_("kind"), max_length=8, choices=AnnouncementKind, default=AnnouncementKind.INFO)
    audience = models.CharField(_("for"), max_length=8, choices=Audience)
    title_en = models.CharField(_("title in English"), max_length=120)
    title_zh = models.CharField(_("title in Chinese"), max_length=120)
    text_en = models.TextField(_("text in English"), max_length=2000, blank=True)
    text_zh = models.TextField(_("text in Chinese"), max_length=2000, blank=True)
    begins_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    ended_at = models.DateTimeField(_("taken down"), null=True, blank=True)
    written_by = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")

    data_classes = declared(
        catalogue="title_en title_zh text_en text_zh",
        facts="kind audience begins_at ends_at ended_at",
    )

    class Meta:
        verbose_name = _("announcement")
        indexes = [models.Index(fields=["ends_at"], condition=Q(ended_at=None), name="announcement_standing")]
        constraints = [
            models.CheckConstraint(condition=Q(begins_at__lt=models.F("ends_at")), name="announcement_span"),
        ]

    @property
    def title(self) -> str:
        """Title in the reader's language."""
        return self.title_zh if _chinese() else self.title_en

    @property
    def text(self) -> str:
        """Text in the reader's language."""
        return self.text_zh if _chinese() else self.text_en

    @property
    def state(self) -> str:
        """``coming``, ``shown``, or ``over``."""
        now = clock.now()
        if self.ended_at is not None or self.ends_at <= now:
            return "over"
        return "shown" if self.begins_at <= now else "coming"


def _chinese() -> bool:
    return (translation.get_language() or "").startswith("zh")


class AnnouncementPutAway(models.Model):
    """Which announcements an account has put away. Ungoverned: it changes what one reader sees of what all are told."""

    announcement = models.ForeignKey(Announcement, models.CASCADE, related_name="put_away")
    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("announcement put away")
        constraints = [models.UniqueConstraint(fields=["announcement", "account"], name="put_away_once")]

    def __str__(self) -> str:
        return f"announcement {self.announcement_id} put away"


class TourProgress(models.Model):
    """How far an account has come in the tour. Ungoverned: it says what a reader was shown and decides nothing."""

    account = models.OneToOneField("accounts.Account", models.CASCADE, related_name="+")
    stop = models.PositiveSmallIntegerField(default=1)
    ended_at = models.DateTimeField(null=True, blank=True)

    data_classes = declared(facts="stop ended_at")

    class Meta:
        verbose_name = _("progress of the tour")

    def __str__(self) -> str:
        return f"tour at {self.stop}"

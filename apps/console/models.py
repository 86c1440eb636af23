"""Rows of the console: the questions that people keep under a name, to the log and to the lists of cases."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account, Branch, Person
from apps.console.review_rows import ReviewLine, RightsReview
from apps.core.classes import declared
from apps.core.models import Row
from apps.vault.fields import EncryptedTextField

__all__ = ["HomeMark", "LogReview", "ReviewLine", "RightsReview", "SavedFilter", "Shelf"]


class Shelf(models.TextChoices):
    """The page whose question is kept."""

    AUDIT = "audit", _("Audit log")
    WORK = "work", _("My work")
    CASES = "cases", _("Cases")


class SavedFilter(Row):
    """A question under a name; ``query`` is the page's own address after the ``?``.

    It is its owner's alone unless a lead has shared it with a ``branch``; the default one opens with the page.
    """

    owner = models.ForeignKey(Account, models.PROTECT, related_name="saved_filters")
    page = models.CharField(max_length=8, choices=Shelf, default=Shelf.AUDIT)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1200)
    is_default = models.BooleanField(default=False)
    branch = models.ForeignKey(Branch, models.PROTECT, null=True, blank=True, related_name="+")

    data_classes = declared(catalogue="name query", facts="page is_default")

    class Meta:
        verbose_name = _("saved filter")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "page", "name"], name="console_saved_filter_name"),
            models.UniqueConstraint(
                fields=["owner", "page"], condition=Q(is_default=True), name="console_one_default_filter"
            ),
            models.CheckConstraint(
                condition=~Q(page=Shelf.AUDIT) | Q(branch=None), name="console_questions_to_the_log_stay_own"
            ),
        ]


class HomeMark(Row):
    """How far an account has looked through what others did on its cases: the number of the newest step it has seen."""

    account = models.OneToOneField(Account, models.PROTECT, related_name="+")
    step = models.PositiveBigIntegerField(default=0)

    data_classes = declared(facts="step")

    class Meta:
        verbose_name = _("mark of the first page")


class LogReview(Row):
    """A stretch of the log that one person has read and signed for, and that another has reviewed."""

    read_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    first = models.PositiveBigIntegerField()
    last = models.PositiveBigIntegerField()
    words = EncryptedTextField(owner="read_by.key_owner", max_length=2000, mask="words")
    reviewed_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)

    data_classes = declared(facts="first last reviewed_at")

    class Meta:
        verbose_name = _("review of the log")
        verbose_name_plural = _("reviews of the log")
        constraints = [
            models.UniqueConstraint(fields=["first"], name="console_log_reviewed_once"),
            models.CheckConstraint(condition=Q(last__gte=models.F("first")), name="console_log_review_forward"),
            models.CheckConstraint(
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=models.F("read_by")), name="console_log_review_four_eyes"
            ),
        ]

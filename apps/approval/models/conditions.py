"""Conditions of an approval, and the list they are taken from."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apps.core.classes import declared
from apps.core.models import Row
from apps.vault.fields import EncryptedTextField


class ConditionKind(models.TextChoices):
    """When a condition must be met."""

    PRECEDENT = "precedent", _("before payout")
    SUBSEQUENT = "subsequent", _("after payout")


class AppliesTo(models.TextChoices):
    """Which cases a template is proposed for by itself."""

    ALWAYS = "always", _("every case")
    SECURED = "secured", _("secured cases")
    GUARANTEED = "guaranteed", _("cases with guarantors")
    CHOSEN = "chosen", _("only where it is chosen")


class Worded(Row):
    """A row whose text stands in both languages."""

    text_en = models.CharField(_("text in English"), max_length=400)
    text_zh = models.CharField(_("text in Chinese"), max_length=400, blank=True)

    data_classes = declared(catalogue="text_en text_zh")

    class Meta:
        abstract = True

    @property
    def text(self) -> str:
        """Text in the active language, English where there is no other."""
        return self.text_in(get_language() or "en")

    def text_in(self, language: str) -> str:
        """Text in a language, English where there is no other."""
        return self.text_zh if language.startswith("zh") and self.text_zh else self.text_en


class ConditionTemplate(Worded):
    """A condition that may be chosen. ``due_days`` counts from the first payout, for conditions that follow it."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=ConditionKind, default=ConditionKind.PRECEDENT)
    applies_to = models.CharField(_("proposed for"), max_length=10, choices=AppliesTo, default=AppliesTo.CHOSEN)
    due_days = models.PositiveSmallIntegerField(_("due after payout, days"), null=True, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    data_classes = declared(catalogue="code", facts="kind applies_to due_days is_active")

    class Meta:
        verbose_name = _("condition template")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="precedent", due_days=None) | Q(kind="subsequent", due_days__gt=0), name="template_due"
            )
        ]


class Condition(Worded):
    """A condition of a case's approval; its words are copied from the template, ``detail`` may name people.

    Conditions belong to what is signed: while the case is in approval, adding or removing one voids the signatures.
    """

    case = models.ForeignKey("workflow.LoanCase", models.PROTECT, related_name="conditions")
    key_owner = models.ForeignKey("vault.KeyOwner", models.PROTECT, related_name="+")
    code = models.SlugField(_("code"), max_length=40)
    kind = models.CharField(_("kind"), max_length=10, choices=ConditionKind)
    due_days = models.PositiveSmallIntegerField(_("due after payout, days"), null=True, blank=True)
    detail = EncryptedTextField(_("detail"), owner="key_owner", max_length=1000, blank=True, default="", mask="full")
    added_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)

    data_classes = declared(catalogue="code", facts="kind due_days removed_at")

    class Meta:
        verbose_name = _("condition")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "code"], condition=Q(removed_at=None), name="condition_once_a_case"
            ),
            models.CheckConstraint(
                condition=Q(kind="precedent", due_days=None) | Q(kind="subsequent", due_days__gt=0),
                name="condition_due",
            ),
        ]

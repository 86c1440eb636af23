"""The frozen decision memo and what people signed on it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.approval.models.signoff import SignOff
from apps.core import clock
from apps.core.classes import declared
from apps.core.models import Row
from apps.vault.fields import EncryptedJSONField, EncryptedTextField


class DecisionMemo(Row):
    """Everything a decision rests on, frozen when the case enters approval; never changed, only voided.

    ``content`` is encrypted, since a narrative names people; ``digest`` is the SHA-256 of its canonical JSON (RFC 8785),
    which holds a random salt. ``summary`` repeats the figures that pages show and that are not personal.
    ``difference`` is the list of changes against the memo before it, where a change made this one necessary.
    """

    case = models.ForeignKey("workflow.LoanCase", models.PROTECT, related_name="memos")
    key_owner = models.ForeignKey("vault.KeyOwner", models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField(_("memo"))
    policy = models.ForeignKey("approval.Policy", models.PROTECT, related_name="+")
    content = EncryptedJSONField(_("content"), owner="key_owner")
    difference = EncryptedJSONField(_("difference"), owner="key_owner", null=True, blank=True)
    digest = models.CharField(_("digest"), max_length=64)
    summary = models.JSONField(_("summary"), default=dict)
    needed = models.JSONField(_("signatures needed"), default=list)
    decline_level = models.CharField(max_length=20, blank=True)
    frozen_at = models.DateTimeField(_("frozen"), default=clock.now)
    expires_at = models.DateTimeField(_("holds until"))
    voided_at = models.DateTimeField(_("voided"), null=True, blank=True)

    data_classes = declared(
        codes="digest decline_level",
        figures="summary needed",
        facts="number frozen_at expires_at voided_at",
    )

    class Meta:
        verbose_name = _("decision memo")
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="memo_number_once"),
            models.UniqueConstraint(fields=["case"], condition=Q(voided_at=None), name="one_live_memo"),
            models.CheckConstraint(condition=Q(expires_at__gt=models.F("frozen_at")), name="memo_expires_later"),
        ]


class Signature(SignOff):
    """A person's approval of one memo."""

    memo = models.ForeignKey(DecisionMemo, models.PROTECT, related_name="signatures")
    case = models.ForeignKey("workflow.LoanCase", models.PROTECT, related_name="+")
    key_owner = models.ForeignKey("vault.KeyOwner", models.PROTECT, related_name="+")
    level = models.CharField(_("level"), max_length=20)
    comment = EncryptedTextField(_("comment"), owner="key_owner", max_length=2000, blank=True, default="", mask="full")
    voided_at = models.DateTimeField(_("voided"), null=True, blank=True)

    data_classes = declared(codes="level", facts="voided_at")
    BINDS = ("case", "memo")

    class Meta:
        verbose_name = _("signature")
        ordering = ["id"]
        constraints = [
            # each needed signature is another person's: four eyes
            models.UniqueConstraint(fields=["memo", "person"], name="one_signature_a_person"),
            *SignOff.Meta.constraints,
        ]

    def bound(self) -> dict[str, object]:
        """The memo of the case, as it was frozen, and the level."""
        memo = self.memo
        return {
            "action": "approve", "case": self.case.number, "memo": memo.number, "state": memo.digest, "level": self.level
        }  # fmt: skip


class SpentNonce(Row):
    """A challenge that was answered once, whether the signing then worked or not; it never counts again."""

    nonce = models.CharField(max_length=64, unique=True)
    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="+")

    data_classes = declared(codes="nonce")

    class Meta:
        verbose_name = _("spent challenge")

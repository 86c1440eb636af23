"""Offers to the borrower, what became of them, and the letters that tell it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.classes import declared
from apps.core.models import Row

OPEN = Q(accepted_at=None, asked_at=None, lapsed_at=None, revoked_at=None)


class Offer(Row):
    """Terms offered after the last signature, open through ``ends_on``.

    ``terms`` is the snapshot of what was signed: facilities with amount, term and rate, and conditions. ``asked`` holds
    the borrower's counter-offer. Papers are the scanned letters that the borrower signed.
    """

    case = models.ForeignKey("workflow.LoanCase", models.PROTECT, related_name="offers")
    memo = models.ForeignKey("approval.DecisionMemo", models.PROTECT, related_name="offers")
    currency = models.CharField(_("currency"), max_length=3)
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=4)
    terms = models.JSONField(_("terms"))
    made_at = models.DateTimeField(_("made"), default=clock.now)
    ends_on = models.DateField(_("stands through"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    accepted_how = models.CharField(
        _("accepted how"), max_length=8, blank=True, choices=[("portal", _("in the portal")), ("paper", _("on paper"))]
    )
    asked = models.JSONField(_("counter-offer"), null=True, blank=True)
    asked_at = models.DateTimeField(_("counter-offer made"), null=True, blank=True)
    paper = models.ForeignKey("vault.EncryptedFile", models.PROTECT, null=True, blank=True, related_name="+")
    entered_by = models.CharField(_("entered by"), max_length=80, blank=True)
    lapsed_at = models.DateTimeField(_("lapsed"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    data_classes = declared(
        accounts="entered_by",
        codes="currency",
        figures="terms asked",
        facts="amount made_at ends_on accepted_at accepted_how asked_at lapsed_at revoked_at",
    )

    class Meta:
        verbose_name = _("offer")
        ordering = ["id"]
        indexes = [models.Index(fields=["ends_on"], condition=OPEN, name="offer_open_ends")]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(asked_at=None, lapsed_at=None, revoked_at=None), name="one_standing_offer"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="offer_amount"),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(asked_at=None, lapsed_at=None), name="offer_one_answer"
            ),
            models.CheckConstraint(condition=Q(asked_at=None) | ~Q(asked=None), name="offer_asked_terms"),
        ]

    @property
    def is_open(self) -> bool:
        """Tell whether nobody has answered or ended it yet; its last day is checked by the guard."""
        return not (self.accepted_at or self.asked_at or self.lapsed_at or self.revoked_at)


class LetterKind(models.TextChoices):
    """What a letter says."""

    OFFER = "offer", _("offer")
    DECLINE = "decline", _("decline")
    REVIEW = "review", _("second look")


class Letter(Row):
    """A letter to the borrower, one row a language; the PDF is encrypted under the borrower's key.

    ``decline`` is an approver's decision; a case declined at intake or by the review has a letter, but no such decision.
    """

    case = models.ForeignKey("workflow.LoanCase", models.PROTECT, related_name="letters")
    kind = models.CharField(_("kind"), max_length=8, choices=LetterKind)
    language = models.CharField(_("language"), max_length=16)
    file = models.ForeignKey("vault.EncryptedFile", models.PROTECT, related_name="+")
    offer = models.ForeignKey(Offer, models.PROTECT, null=True, blank=True, related_name="letters")
    decline = models.ForeignKey(
        "approval.DeclineDecision", models.PROTECT, null=True, blank=True, related_name="letters"
    )
    review = models.ForeignKey("approval.DecisionReview", models.PROTECT, null=True, blank=True, related_name="letters")

    data_classes = declared(codes="language", facts="kind")

    class Meta:
        verbose_name = _("letter")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="offer", offer__isnull=False, decline=None, review=None)
                | Q(kind="decline", offer=None, review=None)
                | Q(kind="review", offer=None, decline=None, review__isnull=False),
                name="letter_of_one_decision",
            ),
        ]

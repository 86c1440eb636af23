"""What the institution keeps, for how long, what holds it, and what borrowers ask of their data."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.borrowers.models.business import Borrower
from apps.core.classes import DataClass, declared
from apps.core.models import Row
from apps.vault.fields import EncryptedTextField

LONGEST = 2000


class Basis(models.TextChoices):
    """Why data are kept so long."""

    LAW = "law", _("a law asks for it")
    CONTRACT = "contract", _("claims from contracts run that long")
    CONSENT = "consent", _("as long as the consent runs")
    INTEREST = "interest", _("the institution's own interest")


class RetentionRule(Row):
    """How long data of a class are kept after the last business with a borrower has ended. Without a row a default holds."""

    data_class = models.CharField(_("class"), max_length=8, choices=DataClass, unique=True)
    months = models.PositiveSmallIntegerField(_("months"))
    basis = models.CharField(_("why so long"), max_length=8, choices=Basis)
    set_by = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")

    data_classes = declared(facts="data_class months basis")

    class Meta:
        verbose_name = _("retention rule")


class LegalHold(Row):
    """While it stands nothing of the borrower is forgotten, whatever a rule or the borrower says; another person lifts it."""

    borrower = models.ForeignKey(Borrower, models.PROTECT, related_name="holds")
    key_owner = models.ForeignKey("vault.KeyOwner", models.PROTECT, related_name="+", editable=False)
    why = EncryptedTextField(_("why"), owner="key_owner", max_length=LONGEST, mask="words")
    placed_by = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    lifted_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)

    data_classes = declared(facts="lifted_at")

    class Meta:
        verbose_name = _("legal hold")
        constraints = [
            models.UniqueConstraint(fields=["borrower"], condition=Q(lifted_at=None), name="one_legal_hold"),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None)
                | (Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lifted_by=F("placed_by"))),
                name="hold_lifted_by_another",
            ),
        ]


class RequestKind(models.TextChoices):
    """What a borrower asks, besides a copy."""

    ACCESS = "access", _("what is kept, why, and who saw it")
    CORRECTION = "correction", _("correction")
    DELETION = "deletion", _("deletion")


class Outcome(models.TextChoices):
    """What became of a request."""

    GRANTED = "granted", _("granted")
    REFUSED = "refused", _("refused")


class PrivacyRequest(Row):
    """What a person of a business asks of the data held about it, with the last day for the answer."""

    borrower = models.ForeignKey(Borrower, models.PROTECT, related_name="privacy_requests")
    key_owner = models.ForeignKey("vault.KeyOwner", models.PROTECT, related_name="+", editable=False)
    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="+")
    kind = models.CharField(_("what is asked"), max_length=12, choices=RequestKind)
    words = EncryptedTextField(_("words"), owner="key_owner", max_length=LONGEST, blank=True, default="", mask="words")
    due_on = models.DateField(_("answer by"))
    decided_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(_("answer"), max_length=8, choices=Outcome, blank=True)
    answer = EncryptedTextField(
        _("words of the answer"), owner="key_owner", max_length=LONGEST, blank=True, default="", mask="words"
    )

    data_classes = declared(facts="kind due_on decided_at outcome")

    class Meta:
        verbose_name = _("request about data")
        verbose_name_plural = _("requests about data")
        indexes = [models.Index(fields=["due_on", "id"], condition=Q(decided_at=None), name="privacy_request_open")]
        constraints = [
            models.UniqueConstraint(
                fields=["borrower", "account", "kind"], condition=Q(decided_at=None), name="one_open_privacy_request"
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None, outcome="")
                | (Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(outcome="")),
                name="privacy_answer_whole",
            ),
        ]


class ForgetCause(models.TextChoices):
    """Why a borrower is to be forgotten."""

    DUE = "due", _("the time of keeping is over")
    ASKED = "asked", _("the borrower asks for it")


class ForgetRequest(Row):
    """One person asks that a borrower be forgotten, another decides; what was destroyed is counted here and in the log."""

    borrower = models.ForeignKey(Borrower, models.PROTECT, related_name="forget_requests")
    cause = models.CharField(_("why"), max_length=8, choices=ForgetCause)
    asked_by = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    decided_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(_("answer"), max_length=8, choices=Outcome, blank=True)
    keys = models.PositiveIntegerField(_("keys destroyed"), default=0)
    files = models.PositiveIntegerField(_("files erased"), default=0)

    data_classes = declared(facts="cause decided_at outcome keys files")

    class Meta:
        verbose_name = _("request to forget")
        verbose_name_plural = _("requests to forget")
        constraints = [
            models.UniqueConstraint(fields=["borrower"], condition=Q(decided_at=None), name="one_open_forget_request"),
            models.CheckConstraint(
                condition=Q(decided_at=None, decided_by=None, outcome="")
                | (Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(outcome="")),
                name="forget_decision_whole",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")) | Q(outcome="refused"),
                name="forget_approved_by_another",
            ),
        ]

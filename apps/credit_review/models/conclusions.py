"""What the review comes to: scores and recommendations; neither is ever changed, a new one takes its place."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.classes import declared
from apps.core.models import Row
from apps.credit_review.models.people import BureauReport
from apps.vault.fields import EncryptedJSONField, EncryptedTextField

REPAYMENTS = [("equal_instalment", _("equal instalment")), ("equal_principal", _("equal principal"))]


class ScoreRun(Row):
    """One scoring: answers and points of every attribute, the total, the grade and its probability of default.

    ``basis`` is a digest of all that went in; when it differs from today's, the score is out of date.
    """

    case = models.ForeignKey("workflow.LoanCase", models.PROTECT, related_name="score_runs")
    scorecard = models.CharField(_("scorecard"), max_length=20)
    inputs = models.JSONField(_("answers"))
    points = models.JSONField(_("points"))
    total = models.IntegerField(_("points in total"))
    grade = models.CharField(_("risk grade"), max_length=2)
    pd = models.DecimalField(_("probability of default"), max_digits=6, decimal_places=5)
    basis = models.CharField(max_length=64)
    report = models.ForeignKey(BureauReport, models.PROTECT, null=True, related_name="+")
    run_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")

    data_classes = declared(codes="scorecard grade basis", figures="inputs points", facts="total pd")

    class Meta:
        verbose_name = _("score")
        indexes = [models.Index(fields=["case", "-id"], name="score_newest")]


class Recommendation(Row):
    """An analyst's proposal. A new one supersedes the last; ``sent_at`` says when it went on to the next stage.

    ``amount`` is the sum over the facilities; ``assumed_collateral_value`` is the lending value that the collateral
    must at least have, zero for an unsecured loan. Free texts may name people and are encrypted. ``waivers`` names what the
    credit policy let go when it was sent: ``{guard, policy, up_to, amount}`` with amounts as text.
    """

    case = models.ForeignKey("workflow.LoanCase", models.PROTECT, related_name="recommendations")
    key_owner = models.ForeignKey("vault.KeyOwner", models.PROTECT, related_name="+")
    currency = models.CharField(_("currency"), max_length=3)
    amount = models.DecimalField(_("amount proposed"), max_digits=18, decimal_places=4)
    assumed_collateral_value = models.DecimalField(
        _("assumed lending value"), max_digits=18, decimal_places=4, default=0
    )
    narrative = EncryptedTextField(_("narrative"), owner="key_owner", max_length=8000, mask="full")
    strengths = EncryptedTextField(
        _("strengths"), owner="key_owner", max_length=4000, blank=True, default="", mask="full"
    )
    risks = EncryptedTextField(_("risks"), owner="key_owner", max_length=4000, blank=True, default="", mask="full")
    mitigants = EncryptedTextField(
        _("mitigants"), owner="key_owner", max_length=4000, blank=True, default="", mask="full"
    )
    conditions = EncryptedJSONField(_("conditions proposed"), owner="key_owner")
    created_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    score = models.ForeignKey(ScoreRun, models.PROTECT, null=True, related_name="+")
    waivers = models.JSONField(_("waived by policy"), default=list, blank=True)
    sent_at = models.DateTimeField(_("recommended at"), null=True, blank=True)
    superseded_at = models.DateTimeField(null=True, blank=True)

    data_classes = declared(
        codes="currency",
        figures="waivers",
        facts="amount assumed_collateral_value sent_at superseded_at",
    )

    class Meta:
        verbose_name = _("recommendation")
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(superseded_at=None), name="one_recommendation_stands"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, assumed_collateral_value__gte=0), name="recommended_amounts"
            ),
        ]

    @property
    def is_secured(self) -> bool:
        """Tell whether the proposal rests on collateral."""
        return self.assumed_collateral_value > 0


class RecommendedTerms(Row):
    """The terms proposed for one facility of the case: term in months, yearly rate in percent."""

    recommendation = models.ForeignKey(Recommendation, models.PROTECT, related_name="terms")
    facility = models.ForeignKey("workflow.Facility", models.PROTECT, related_name="+")
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=4)
    term_months = models.PositiveSmallIntegerField(_("term, months"))
    rate = models.DecimalField(_("rate, % a year"), max_digits=7, decimal_places=4)
    repayment = models.CharField(_("repayment"), max_length=20, choices=REPAYMENTS)

    data_classes = declared(facts="amount term_months rate repayment")

    class Meta:
        verbose_name = _("recommended terms")
        verbose_name_plural = _("recommended terms")
        ordering = ["facility__position"]
        constraints = [
            models.UniqueConstraint(fields=["recommendation", "facility"], name="terms_once_a_facility"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, term_months__gt=0, rate__gte=0), name="recommended_terms_positive"
            ),
        ]

    @property
    def case(self) -> object:
        """The case, for scope checks."""
        return self.recommendation.case

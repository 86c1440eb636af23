"""Consents: each kind a row of its own, given by a person, and withdrawn without a trace being lost."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.applications.models.application import How
from apps.core.classes import declared
from apps.core.models import Row


class Consent(Row):
    """One consent of one person for one purpose, as the jurisdiction pack lists them."""

    case = models.ForeignKey("workflow.LoanCase", models.PROTECT, related_name="consents")
    kind = models.CharField(_("for"), max_length=20)
    party = models.ForeignKey("borrowers.Party", models.PROTECT, related_name="+", verbose_name=_("given by"))
    text_version = models.CharField(_("version of the text"), max_length=16)
    how = models.CharField(_("how"), max_length=8, choices=How)
    document = models.ForeignKey("applications.Document", models.PROTECT, null=True, blank=True, related_name="+")
    given_on = models.DateField(_("given on"))
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    data_classes = declared(codes="kind text_version", facts="how given_on withdrawn_at")

    class Meta:
        verbose_name = _("consent")
        indexes = [models.Index(fields=["case", "kind"], name="consent_case_kind")]

"""What two people saw at the business."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core.classes import declared
from apps.core.models import Row
from apps.vault.fields import EncryptedTextField


class VisitReport(Row):
    """A visit by two of the bank's people; photographs are documents of the case that name the visit."""

    case = models.ForeignKey("workflow.LoanCase", models.PROTECT, related_name="visits")
    key_owner = models.ForeignKey("vault.KeyOwner", models.PROTECT, related_name="+", editable=False)
    first_visitor = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+", verbose_name=_("visitor"))
    second_visitor = models.ForeignKey(
        "accounts.Person", models.PROTECT, related_name="+", verbose_name=_("second visitor")
    )
    visited_at = models.DateTimeField(_("visited at"))
    place = EncryptedTextField(_("place"), owner="key_owner", max_length=400, mask="full")
    staff_seen = models.PositiveIntegerField(_("staff seen"))
    stock = EncryptedTextField(_("stock seen"), owner="key_owner", max_length=1000, mask="full")
    differences = EncryptedTextField(
        _("differences from the statements"), owner="key_owner", max_length=2000, blank=True, mask="full"
    )
    narrative = EncryptedTextField(_("what was seen"), owner="key_owner", max_length=4000, mask="full")
    confirmed_at = models.DateTimeField(_("confirmed by the second visitor"), null=True, blank=True)
    filed_by = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")

    data_classes = declared(facts="visited_at staff_seen confirmed_at")

    class Meta:
        verbose_name = _("visit report")
        constraints = [
            models.CheckConstraint(condition=~Q(first_visitor=F("second_visitor")), name="visit_by_two"),
        ]

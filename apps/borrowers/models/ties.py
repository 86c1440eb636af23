"""Accounts of the portal that act for a borrower, and staff who may not touch its cases."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.borrowers.models.business import Borrower
from apps.borrowers.models.people import Party
from apps.core.models import Row
from apps.vault.fields import EncryptedTextField


class BorrowerAccess(Row):
    """An account of the portal that may act for a borrower; ``party`` is the person of the business who uses it.

    Consents and declarations in the portal are given as that person and nobody else.
    """

    borrower = models.ForeignKey(Borrower, models.PROTECT, related_name="accesses")
    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="borrower_accesses")
    party = models.ForeignKey(Party, models.PROTECT, null=True, blank=True, related_name="accesses")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("portal access")
        constraints = [
            models.UniqueConstraint(fields=["borrower", "account"], condition=Q(ended_at=None), name="one_live_access")
        ]


class TieKind(models.TextChoices):
    """What ties a member of staff to a borrower."""

    OWN = "own", _("own business")
    RELATIVE = "relative", _("business of a relative")


class StaffInterest(Row):
    """A tie of a member of staff to a borrower: own business or relative; excludes every duty on its cases."""

    person = models.ForeignKey("accounts.Person", models.PROTECT, related_name="+")
    borrower = models.ForeignKey(Borrower, models.PROTECT, related_name="staff_interests")
    kind = models.CharField(_("tie"), max_length=20, choices=TieKind)
    declared_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    ended_on = models.DateField(null=True, blank=True)
    ended_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    ended_why = EncryptedTextField(
        _("why it ended"), owner="person.key_owner", max_length=300, blank=True, default="", mask="words"
    )

    class Meta:
        verbose_name = _("declared interest")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "borrower", "kind"], condition=Q(ended_on=None), name="one_live_tie_of_a_kind"
            ),
            models.CheckConstraint(
                condition=Q(ended_by=None)
                | (~Q(ended_by=F("person")) & (Q(declared_by=None) | ~Q(ended_by=F("declared_by")))),
                name="tie_ended_by_another",
            ),
        ]

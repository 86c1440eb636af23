"""Accounts of the portal that act for a borrower, and staff who may not touch its cases."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.borrowers.models.business import Borrower
from apps.borrowers.models.people import Party
from apps.core.classes import declared
from apps.core.models import Row
from apps.vault.fields import EncryptedTextField


class ConfirmedHow(models.TextChoices):
    """How the bank made sure that an applicant who registered by themselves is the person they say."""

    IN_PERSON = "in_person", _("in the branch, with the original document")
    VIDEO = "video", _("by video, face compared with the document")
    CALL_BACK = "call_back", _("called back at the number in the public register")


class BorrowerAccess(Row):
    """An account of the portal that may act for a borrower; ``party`` is the person of the business who uses it.

    Consents and declarations in the portal are given as that person and nobody else. ``self_made`` is an access that an
    applicant opened by entering a business of their own; it counts as theirs once ``confirmed``.
    """

    borrower = models.ForeignKey(Borrower, models.PROTECT, related_name="accesses")
    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="borrower_accesses")
    party = models.ForeignKey(Party, models.PROTECT, null=True, blank=True, related_name="accesses")
    ended_at = models.DateTimeField(null=True, blank=True)
    self_made = models.BooleanField(_("entered by themselves"), default=False)
    confirmed_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_how = models.CharField(_("confirmed how"), max_length=12, choices=ConfirmedHow, blank=True)

    data_classes = declared(facts="ended_at self_made confirmed_at confirmed_how")

    class Meta:
        verbose_name = _("portal access")
        constraints = [
            models.UniqueConstraint(fields=["borrower", "account"], condition=Q(ended_at=None), name="one_live_access"),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None, confirmed_how="")
                | (Q(confirmed_at__isnull=False, confirmed_by__isnull=False) & ~Q(confirmed_how="")),
                name="access_confirmation_whole",
            ),
        ]

    @property
    def is_open_claim(self) -> bool:
        """Tell whether it is an applicant's own word so far."""
        return self.self_made and self.confirmed_at is None


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

    data_classes = declared(facts="kind ended_on")

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

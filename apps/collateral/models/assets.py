"""Assets offered as collateral."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core.classes import declared
from apps.core.models import Row
from apps.vault.fields import EncryptedTextField


class Asset(Row):
    """One asset, of a class of the jurisdiction pack, owned by the borrower or by one of its people (``owner``).

    ``description`` says in general words what it is; title number and address are masked too. Release takes two:
    who asks and who confirms.
    """

    case = models.ForeignKey("workflow.LoanCase", models.PROTECT, related_name="assets")
    borrower = models.ForeignKey("borrowers.Borrower", models.PROTECT, related_name="assets")
    key_owner = models.ForeignKey("vault.KeyOwner", models.PROTECT, related_name="+", editable=False)
    asset_class = models.CharField(_("class"), max_length=20)
    description = EncryptedTextField(_("description"), owner="key_owner", max_length=300, mask="words")
    owner = models.ForeignKey(
        "borrowers.Party", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    title_no = EncryptedTextField(_("number of the title"), owner="key_owner", max_length=80, mask="tail4")
    address = EncryptedTextField(
        _("where it is"), owner="key_owner", max_length=400, blank=True, default="", mask="full"
    )
    added_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")
    title_source = models.CharField(_("title seen in"), max_length=120, blank=True)
    title_verified_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    title_verified_at = models.DateTimeField(_("title verified at"), null=True, blank=True)
    registered_on = models.DateField(_("our lien registered on"), null=True, blank=True)
    registration_no = EncryptedTextField(
        _("number of the registration"), owner="key_owner", max_length=80, blank=True, default="", mask="tail4"
    )
    release_asked_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    release_asked_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)
    removed_at = models.DateTimeField(_("taken off the case at"), null=True, blank=True)

    data_classes = declared(
        institutions="title_source",
        codes="asset_class",
        facts="title_verified_at registered_on release_asked_at released_at removed_at",
    )

    class Meta:
        verbose_name = _("asset")
        constraints = [
            models.CheckConstraint(
                condition=Q(released_at=None) | (Q(release_asked_by__isnull=False, released_by__isnull=False) & ~Q(released_by=F("release_asked_by"))),
                name="asset_released_by_two",
            ),
            models.CheckConstraint(
                condition=Q(title_verified_at=None) | Q(title_verified_by__isnull=False), name="title_verified_by_somebody",
            ),
        ]  # fmt: skip

    @property
    def has_title(self) -> bool:
        """Tell whether somebody has verified the title."""
        return self.title_verified_at is not None

    @property
    def is_released(self) -> bool:
        """Tell whether it is free again."""
        return self.released_at is not None

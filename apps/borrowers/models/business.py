"""A business and the group it stands or falls with; the name is clear and searchable, all else personal is encrypted."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.borrowers.rules import compact
from apps.core.classes import declared
from apps.core.models import Row
from apps.core.text import fold
from apps.vault.fields import BlindIndexField, EncryptedTextField


class BorrowerGroup(Row):
    """Businesses that stand or fall together; exposure and duties count over the whole group."""

    name = models.CharField(_("name"), max_length=200)
    frozen = models.BooleanField(_("frozen"), default=False)
    frozen_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")

    evidence_hides = ("name",)  # a name in the log could not be forgotten

    data_classes = declared(names="name", facts="frozen")

    class Meta:
        verbose_name = _("related group")


class Borrower(Row):
    """A business that asks for or has a loan; everything personal stands under the key of its ``key_owner``."""

    key_owner = models.OneToOneField("vault.KeyOwner", models.PROTECT, related_name="+", editable=False)
    branch = models.ForeignKey("accounts.Branch", models.PROTECT, related_name="+", verbose_name=_("branch"))
    group = models.ForeignKey(
        BorrowerGroup, models.PROTECT, null=True, blank=True, related_name="members", verbose_name=_("related group")
    )
    legal_name = models.CharField(_("legal name"), max_length=200)
    name_folded = models.CharField(max_length=200, editable=False, default="")
    identifier_kind = models.CharField(_("kind of identifier"), max_length=20, blank=True)
    identifier = EncryptedTextField(_("identifier"), owner="key_owner", max_length=60, blank=True, mask="identifier")
    identifier_index = BlindIndexField(source="identifier", normaliser=compact, bits=64)
    industry = models.CharField(_("industry"), max_length=120, blank=True)
    founded_on = models.DateField(_("founded on"), null=True, blank=True)
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    address = EncryptedTextField(_("address"), owner="key_owner", max_length=400, blank=True, mask="full")
    region = models.CharField(_("town"), max_length=80, blank=True)
    phone = EncryptedTextField(_("phone"), owner="key_owner", max_length=40, blank=True, mask="tail4")
    phone_index = BlindIndexField(source="phone", normaliser=compact, bits=64)
    email = EncryptedTextField(_("e-mail"), owner="key_owner", max_length=254, blank=True, mask="email")
    frozen = models.BooleanField(_("frozen"), default=False)
    frozen_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")

    forgotten_at = models.DateTimeField(_("forgotten at"), null=True, blank=True, editable=False)

    evidence_hides = ("legal_name", "name_folded", "industry", "region")  # a name in the log could not be forgotten

    data_classes = declared(
        names="legal_name name_folded industry region",
        codes="identifier_kind",
        facts="founded_on employees frozen forgotten_at",
    )

    class Meta:
        verbose_name = _("borrower")
        indexes = [
            models.Index(fields=["branch", "name_folded", "id"], name="borrower_branch_name"),
            models.Index(
                fields=["branch", "created_at", "id"], condition=Q(forgotten_at=None), name="borrower_branch_kept"
            ),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the folded name beside the name, for search."""
        self.name_folded = fold(self.legal_name)[:200]
        super().save(*args, **kwargs)

    @property
    def is_frozen(self) -> bool:
        """Tell whether the business or its group is frozen."""
        return self.frozen or bool(self.group and self.group.frozen)

    def get_absolute_url(self) -> str:
        """Page of the borrower."""
        return f"/borrowers/{self.pk}/"

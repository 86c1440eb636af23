"""What weighs on an asset, and what covers it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.collateral.models.assets import Asset
from apps.core.classes import declared
from apps.core.models import Row
from apps.vault.fields import EncryptedTextField
from apps.workflow.models import LoanCase


class OfAsset(Row):
    """Something that hangs on an asset, under the asset's key and in its case's scope."""

    asset = models.ForeignKey(Asset, models.PROTECT, related_name="%(class)s_rows")
    key_owner = models.ForeignKey("vault.KeyOwner", models.PROTECT, related_name="+", editable=False)

    class Meta:
        abstract = True

    @property
    def case(self) -> LoanCase:
        """The asset's case, for scope checks."""
        return self.asset.case


class LienCheck(OfAsset):
    """One look into the register: the whole picture of a day. Without liens it says that none were found."""

    checked_on = models.DateField(_("register looked at on"))
    register = models.CharField(_("register"), max_length=120)
    checked_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")

    data_classes = declared(institutions="register", facts="checked_on")

    class Meta:
        verbose_name = _("look into the register")
        indexes = [models.Index(fields=["asset", "-checked_on", "-id"], name="lien_check_newest")]


class Lien(OfAsset):
    """A lien that a look into the register found."""

    found_in = models.ForeignKey(LienCheck, models.PROTECT, related_name="liens")
    holder = EncryptedTextField(_("holder"), owner="key_owner", max_length=160, mask="name")
    rank = models.PositiveSmallIntegerField(_("rank"))
    amount = models.DecimalField(_("amount secured"), max_digits=18, decimal_places=4)
    is_ours = models.BooleanField(_("our own"), default=False)

    data_classes = declared(facts="rank amount is_ours")

    class Meta:
        verbose_name = _("lien")
        ordering = ["rank", "id"]
        constraints = [models.CheckConstraint(condition=Q(amount__gte=0, rank__gte=1), name="lien_rank_and_amount")]


class Insurance(OfAsset):
    """An insurance of an asset; it counts while it runs and the bank is named in it."""

    insurer = models.CharField(_("insurer"), max_length=120)
    policy_no = EncryptedTextField(_("number of the policy"), owner="key_owner", max_length=80, mask="tail4")
    currency = models.CharField(_("currency"), max_length=3)
    insured_amount = models.DecimalField(_("sum insured"), max_digits=18, decimal_places=4)
    valid_until = models.DateField(_("valid until"))
    is_assigned = models.BooleanField(_("assigned to the bank"), default=False)
    entered_by = models.ForeignKey("accounts.Person", models.PROTECT, null=True, related_name="+")

    data_classes = declared(institutions="insurer", codes="currency", facts="insured_amount valid_until is_assigned")

    class Meta:
        verbose_name = _("insurance")
        constraints = [models.CheckConstraint(condition=Q(insured_amount__gt=0), name="insured_above_zero")]

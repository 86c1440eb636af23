"""People behind a business, under its key, and the part they play in it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.borrowers.models.business import Borrower
from apps.borrowers.rules import compact
from apps.core.classes import declared
from apps.core.models import Row
from apps.core.text import fold
from apps.vault.fields import BlindIndexField, EncryptedDateField, EncryptedTextField


class Party(Row):
    """A human being behind one business: owner, representative, signer or guarantor.

    Who stands behind two businesses has a row under each borrower's key, so that forgetting one leaves the other; blind
    indexes show that it is the same human being.
    """

    borrower = models.ForeignKey(Borrower, models.PROTECT, related_name="parties")
    key_owner = models.ForeignKey("vault.KeyOwner", models.PROTECT, related_name="+", editable=False)
    name = EncryptedTextField(_("name"), owner="key_owner", max_length=120, mask="name")
    name_index = BlindIndexField(source="name", normaliser=fold, bits=64)
    id_kind = models.CharField(_("kind of identity document"), max_length=20, blank=True)
    id_number = EncryptedTextField(
        _("identity number"), owner="key_owner", max_length=60, blank=True, mask="identifier"
    )
    id_number_index = BlindIndexField(source="id_number", normaliser=compact, bits=64)
    born_on = EncryptedDateField(_("date of birth"), owner="key_owner", null=True, blank=True)
    phone = EncryptedTextField(_("phone"), owner="key_owner", max_length=40, blank=True, mask="tail4")
    phone_index = BlindIndexField(source="phone", normaliser=compact, bits=64)
    email = EncryptedTextField(_("e-mail"), owner="key_owner", max_length=254, blank=True, mask="email")

    data_classes = declared(codes="id_kind")

    class Meta:
        verbose_name = _("party")
        verbose_name_plural = _("parties")


class InterestKind(models.TextChoices):
    """How a party is bound to a business."""

    OWNER = "owner", _("owner")
    BENEFICIAL_OWNER = "beneficial_owner", _("beneficial owner")
    LEGAL_REPRESENTATIVE = "legal_representative", _("legal representative")
    SIGNER = "signer", _("signer")
    GUARANTOR = "guarantor", _("guarantor")


class Authority(models.TextChoices):
    """Where a signer's authority comes from."""

    LAW = "law", _("by law, as legal representative")
    ARTICLES = "articles", _("articles of association")
    RESOLUTION = "resolution", _("resolution of the owners")
    POWER_OF_ATTORNEY = "power_of_attorney", _("power of attorney")


class Interest(Row):
    """A party's part in a business: share in percent for owners, the source of authority for signers."""

    borrower = models.ForeignKey(Borrower, models.PROTECT, related_name="interests")
    party = models.ForeignKey(Party, models.PROTECT, related_name="interests")
    kind = models.CharField(_("part"), max_length=24, choices=InterestKind)
    share = models.DecimalField(_("share, %"), max_digits=7, decimal_places=4, null=True, blank=True)
    authority = models.CharField(_("authority to sign"), max_length=20, choices=Authority, blank=True)
    authority_until = models.DateField(_("authority ends on"), null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)

    data_classes = declared(facts="kind share authority authority_until ended_on")

    class Meta:
        verbose_name = _("interest")
        constraints = [
            models.CheckConstraint(condition=Q(share=None) | Q(share__gt=0, share__lte=100), name="share_in_percent"),
            models.UniqueConstraint(
                fields=["borrower", "party", "kind"], condition=Q(ended_on=None), name="one_live_interest_of_a_kind"
            ),
        ]

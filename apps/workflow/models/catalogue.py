"""What an institution lends and the reasons it gives: catalogues that administrators keep."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apps.core.classes import declared
from apps.core.models import Row


class Named(Row):
    """A row with its name in both languages."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name_en = models.CharField(_("name in English"), max_length=160)
    name_zh = models.CharField(_("name in Chinese"), max_length=160, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    data_classes = declared(catalogue="code name_en name_zh", facts="is_active")

    class Meta:
        abstract = True

    @property
    def name(self) -> str:
        """Name in the active language, English where there is no other."""
        return self.name_zh if (get_language() or "").startswith("zh") and self.name_zh else self.name_en

    def __str__(self) -> str:
        return self.name


class Product(Named):
    """What may be lent: amounts, terms in months, yearly rates in percent, how it is repaid and how long stages take."""

    currency = models.CharField(_("currency"), max_length=3)
    is_secured = models.BooleanField(_("secured by collateral"), default=False)
    is_revolving = models.BooleanField(_("revolving limit"), default=False)
    min_amount = models.DecimalField(_("smallest amount"), max_digits=18, decimal_places=4)
    max_amount = models.DecimalField(_("largest amount"), max_digits=18, decimal_places=4)
    min_term = models.PositiveSmallIntegerField(_("shortest term, months"))
    max_term = models.PositiveSmallIntegerField(_("longest term, months"))
    min_rate = models.DecimalField(_("lowest rate, % a year"), max_digits=7, decimal_places=4)
    max_rate = models.DecimalField(_("highest rate, % a year"), max_digits=7, decimal_places=4)
    repayment = models.CharField(
        _("repayment"),
        max_length=20,
        default="equal_instalment",
        choices=[("equal_instalment", _("equal instalment")), ("equal_principal", _("equal principal"))],
    )
    day_count = models.CharField(_("day count"), max_length=10, default="30/360")
    offer_days = models.PositiveSmallIntegerField(_("offer stands for, days"), default=30)
    service_hours = models.JSONField(_("service hours by stage"), default=dict, blank=True)

    data_classes = declared(
        catalogue="currency day_count service_hours",
        facts="is_secured is_revolving min_amount max_amount min_term max_term min_rate max_rate repayment offer_days",
    )

    class Meta:
        verbose_name = _("product")
        constraints = [
            models.CheckConstraint(
                condition=Q(max_amount__gte=F("min_amount"), min_amount__gt=0), name="product_amounts"
            ),
            models.CheckConstraint(condition=Q(max_term__gte=F("min_term"), min_term__gt=0), name="product_terms"),
            models.CheckConstraint(condition=Q(max_rate__gte=F("min_rate"), min_rate__gte=0), name="product_rates"),
        ]


class ReasonKind(models.TextChoices):
    """What a reason is given for."""

    DECLINE = "decline", _("declining")
    KNOCK_OUT = "knock_out", _("policy knock-out")
    RETURN = "return", _("sending back")
    WITHDRAW = "withdraw", _("withdrawing")
    FREEZE = "freeze", _("freezing")
    PURPOSE = "purpose", _("opening masked data")


class Reason(Named):
    """A reason that may be chosen; letters quote it, the log keeps its code."""

    kind = models.CharField(_("for"), max_length=12, choices=ReasonKind, db_index=True)

    data_classes = declared(facts="kind")

    class Meta:
        verbose_name = _("reason")

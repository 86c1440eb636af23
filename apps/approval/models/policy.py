"""The credit policy by version: limits, who signs for how much, and how long a memo holds."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.approval.rules import AuthorityRow, Limit, PolicyRules
from apps.core.classes import declared
from apps.core.models import Row


class Policy(Row):
    """One version of the policy; it is in force from ``active_from`` until a later one is.

    ``limits`` is a list of ``{measure, bound, value, products, grades, exception_level}`` with values as text.
    ``totp_up_to`` is the largest amount that a one-time code may still sign; empty means any. ``visit_free_up_to`` is the
    largest amount lent without a visit; empty means that every business is visited. ``why`` says what the version is for.
    """

    version = models.PositiveIntegerField(_("version"), unique=True)
    active_from = models.DateTimeField(_("in force from"))
    currency = models.CharField(_("currency"), max_length=3)
    limits = models.JSONField(_("limits"), default=list)
    memo_days = models.PositiveSmallIntegerField(_("a memo holds for, days"), default=30)
    totp_up_to = models.DecimalField(
        _("largest amount signed by one-time code"), max_digits=18, decimal_places=4, null=True, blank=True
    )
    visit_free_up_to = models.DecimalField(
        _("largest amount lent without a visit"), max_digits=18, decimal_places=4, null=True, blank=True
    )
    why = models.CharField(_("why"), max_length=1000, blank=True)
    published_by = models.ForeignKey("accounts.Account", models.PROTECT, null=True, blank=True, related_name="+")

    data_classes = declared(
        catalogue="currency limits why",
        facts="version active_from memo_days totp_up_to visit_free_up_to",
    )

    class Meta:
        verbose_name = _("credit policy")
        verbose_name_plural = _("credit policies")
        constraints = [models.CheckConstraint(condition=Q(memo_days__gt=0), name="policy_memo_days")]

    def rules(self) -> PolicyRules:
        """The policy as plain values; read once a process, since a version never changes."""
        return _rules(self.uuid)


@lru_cache(maxsize=64)
def _rules(policy_uuid: UUID) -> PolicyRules:
    policy = Policy.objects.get(uuid=policy_uuid)
    return PolicyRules(
        version=policy.version,
        currency=policy.currency,
        authorities=tuple(row.as_rule() for row in policy.authorities.all()),
        limits=tuple(_limit(each) for each in policy.limits),
        totp_up_to=policy.totp_up_to,
        visit_free_up_to=policy.visit_free_up_to,
    )


def _limit(stored: dict[str, object]) -> Limit:
    return Limit(
        measure=str(stored["measure"]),
        bound=str(stored["bound"]),
        value=Decimal(str(stored["value"])),
        products=frozenset(stored.get("products") or ()),  # type: ignore[call-overload]
        grades=frozenset(stored.get("grades") or ()),  # type: ignore[call-overload]
        exception_level=str(stored.get("exception_level") or ""),
    )


class PolicyAuthority(Row):
    """A row of the authority matrix: for these grades and amounts up to ``amount_up_to``, who must sign.

    ``signatures`` lists one to three levels such as ``["approver_1", "approver_2"]``; ``is_secured`` empty means both.
    """

    policy = models.ForeignKey(Policy, models.PROTECT, related_name="authorities")
    grades = models.JSONField(_("grades"))
    is_secured = models.BooleanField(_("secured"), null=True, blank=True)
    amount_up_to = models.DecimalField(_("amount up to"), max_digits=18, decimal_places=4)
    currency = models.CharField(_("currency"), max_length=3)
    signatures = models.JSONField(_("signatures"))
    decline_level = models.CharField(_("declines alone"), max_length=20, blank=True)

    data_classes = declared(catalogue="grades currency signatures decline_level", facts="is_secured amount_up_to")

    class Meta:
        verbose_name = _("authority")
        verbose_name_plural = _("authorities")
        ordering = ["amount_up_to", "id"]
        constraints = [models.CheckConstraint(condition=Q(amount_up_to__gt=0), name="authority_amount")]

    def as_rule(self) -> AuthorityRow:
        """The row as plain values."""
        return AuthorityRow(
            frozenset(self.grades), self.amount_up_to, tuple(self.signatures), self.is_secured, self.decline_level
        )

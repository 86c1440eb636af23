"""What a credit policy says, as values, and what makes one contradictory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.approval.rules.levels import LEVELS, dominates


@dataclass(frozen=True, slots=True)
class AuthorityRow:
    """A row of the authority matrix: who signs for amounts up to ``up_to``, and who may decline alone.

    ``secured`` is ``None`` where the row is for secured and unsecured cases alike.
    """

    grades: frozenset[str]
    up_to: Decimal
    signatures: tuple[str, ...]
    secured: bool | None = None
    decline_level: str = ""

    def covers(self, grade: str, secured: bool) -> bool:
        """Tell whether the row is for cases of this grade and kind."""
        return grade in self.grades and self.secured in (None, secured)


@dataclass(frozen=True, slots=True)
class Limit:
    """A policy limit on one measure; empty ``products`` and ``grades`` mean all.

    A figure outside it needs a signature of ``exception_level``; where that is empty nobody may sign.
    """

    measure: str
    bound: str
    value: Decimal
    products: frozenset[str] = frozenset()
    grades: frozenset[str] = frozenset()
    exception_level: str = ""

    @property
    def precision(self) -> int:
        """How specific the limit is: the most specific one that fits a case counts."""
        return 2 * bool(self.products) + bool(self.grades)

    def fits(self, product: str, grade: str) -> bool:
        """Tell whether the limit is for cases of this product and grade."""
        return (not self.products or product in self.products) and (not self.grades or grade in self.grades)


@dataclass(frozen=True, slots=True)
class PolicyRules:
    """A version of the credit policy; amounts in ``currency``. ``totp_up_to`` is what a one-time code may still sign,
    ``visit_free_up_to`` what is lent without a visit.
    """

    version: int
    currency: str
    authorities: tuple[AuthorityRow, ...]
    limits: tuple[Limit, ...] = ()
    totp_up_to: Decimal | None = None
    visit_free_up_to: Decimal | None = None


def policy_problems(policy: PolicyRules) -> list[Any]:
    """Sentences that say why a policy cannot be put in force; empty when it can."""
    return [*_row_problems(policy), *_order_problems(policy), *_limit_problems(policy)]


def _row_problems(policy: PolicyRules) -> Iterator[Any]:
    if not policy.authorities:
        yield _("The authority matrix is empty: nobody could sign.")
    for row in policy.authorities:
        if not 1 <= len(row.signatures) <= len(LEVELS):
            yield _("A row of the authority matrix has one to three signatures.")
        if not set(row.signatures) <= set(LEVELS) or row.decline_level not in ("", *LEVELS):
            yield _("A row of the authority matrix names a level that does not exist.")
        if row.up_to <= 0:
            yield _("A row of the authority matrix needs an amount above zero.")


def _order_problems(policy: PolicyRules) -> Iterator[Any]:
    """More money must never need fewer or lower signatures, whatever the grade."""
    rows = [row for row in policy.authorities if set(row.signatures) <= set(LEVELS)]
    for grade in sorted({grade for row in rows for grade in row.grades}):
        for secured in (True, False):
            covering = sorted((row for row in rows if row.covers(grade, secured)), key=lambda row: row.up_to)
            for lower, higher in pairwise(covering):
                if lower.up_to == higher.up_to:
                    yield _("Grade %(grade)s has two rows for the same amount.") % {"grade": grade}
                elif not dominates(higher.signatures, lower.signatures):
                    yield _("Grade %(grade)s: a larger amount would need fewer or lower signatures.") % {"grade": grade}


def _limit_problems(policy: PolicyRules) -> Iterator[Any]:
    for limit in policy.limits:
        if limit.bound not in ("max", "min"):
            yield _("A limit is either a largest or a smallest value.")
        if limit.exception_level not in ("", *LEVELS):
            yield _("A limit names a level that does not exist.")

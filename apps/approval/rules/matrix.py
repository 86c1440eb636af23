"""The authority matrix as people read it: bands of amounts by grade, and where nobody signs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.approval.rules.policies import AuthorityRow, PolicyRules


@dataclass(frozen=True, slots=True)
class Band:
    """Amounts above ``low`` up to ``high``, with the row of the policy that holds for each grade; ``None``: nobody signs."""

    low: Decimal
    high: Decimal
    rows: Mapping[str, AuthorityRow | None]


def bands(policy: PolicyRules, secured: bool, grades: Sequence[str]) -> list[Band]:
    """Every band of the matrix for secured or unsecured cases, smallest first; each amount lies in exactly one."""
    covering = [row for row in policy.authorities if any(row.covers(grade, secured) for grade in grades)]
    found, low = [], Decimal(0)
    for high in sorted({row.up_to for row in covering}):
        found.append(Band(low, high, {grade: _row_for(policy, grade, secured, high) for grade in grades}))
        low = high
    return found


def _row_for(policy: PolicyRules, grade: str, secured: bool, amount: Decimal) -> AuthorityRow | None:
    covering = [row for row in policy.authorities if row.covers(grade, secured) and amount <= row.up_to]
    return min(covering, key=lambda row: row.up_to, default=None)


def highest(policy: PolicyRules, secured: bool, grade: str) -> Decimal:
    """Largest amount that anybody signs for a grade; zero where nobody does."""
    return max((row.up_to for row in policy.authorities if row.covers(grade, secured)), default=Decimal(0))


def gaps(policy: PolicyRules, grades: Sequence[str], nobody_for: frozenset[str]) -> Iterator[Any]:
    """Sentences on grades that the matrix leaves open: each has rows for both kinds of cases, or is named as approved by nobody."""
    for grade in grades:
        kinds = {secured for secured in (True, False) if highest(policy, secured, grade)}
        if grade in nobody_for:
            if kinds:
                yield _("Grade %(grade)s has rows, and is named as approved by nobody.") % {"grade": grade}
        elif not kinds:
            yield _("Grade %(grade)s is left open: add a row, or name it as approved by nobody.") % {"grade": grade}
        elif kinds == {True}:
            yield _("Grade %(grade)s has no row for unsecured cases.") % {"grade": grade}
        elif kinds == {False}:
            yield _("Grade %(grade)s has no row for secured cases.") % {"grade": grade}


def left_over(policy: PolicyRules, secured: bool, most: Decimal, grades: Sequence[str]) -> Decimal | None:
    """The amount above which nobody at all signs, where that is less than a product's ``most``; else ``None``."""
    top = max((highest(policy, secured, grade) for grade in grades), default=Decimal(0))
    return top if top < most else None

"""Policy knock-outs: what the policy never lends to, found by rules and by nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.applications.policy import ExcludedIndustry, IntakePolicy
from apps.applications.rules.completeness import FacilityFacts
from apps.borrowers.rules import months_between

TOO_YOUNG, INDUSTRY, AMOUNT, TERM = "too_young", "industry_excluded", "amount_outside", "term_outside"
"""Codes; the catalogue of reasons has one of the kind ``knock_out`` for each."""


@dataclass(frozen=True, slots=True)
class LendingRange:
    """What a product lends: amounts in its currency, terms in months, both ends included."""

    least: Decimal
    most: Decimal
    shortest: int
    longest: int


@dataclass(frozen=True, slots=True)
class KnockOut:
    """A knock-out that applies: the code of its reason, and why."""

    code: str
    sentence: Any


def knock_outs(
    founded_on: dt.date | None, industry: str, facilities: Sequence[FacilityFacts], product: LendingRange,
    policy: IntakePolicy, today: dt.date,
) -> list[KnockOut]:  # fmt: skip
    """All knock-outs that apply, once each. What is unknown knocks nobody out."""
    found = [*_age(founded_on, policy, today), *_industry(industry, policy), *_amounts(facilities, product),
             *_terms(facilities, product)]  # fmt: skip
    return list({each.code: each for each in found}.values())


def _age(founded_on: dt.date | None, policy: IntakePolicy, today: dt.date) -> Iterator[KnockOut]:
    if founded_on is not None and months_between(founded_on, today) < policy.least_months:
        yield KnockOut(
            TOO_YOUNG, _("The business is younger than %(months)s months.") % {"months": policy.least_months}
        )


def _industry(industry: str, policy: IntakePolicy) -> Iterator[KnockOut]:
    for excluded in policy.excluded:
        if is_excluded(industry, excluded):
            yield KnockOut(
                INDUSTRY, _("The policy excludes the industry: %(industry)s.") % {"industry": excluded.label}
            )


def is_excluded(industry: str, excluded: ExcludedIndustry) -> bool:
    """Tell whether an industry, in words or led by its code, falls under an excluded one."""
    words = industry.casefold()
    code = "".join(char for char in words.split(" ", 1)[0] if char.isdigit())
    return any(word in words for word in excluded.words) or (bool(code) and code.startswith(excluded.codes))


def _amounts(facilities: Sequence[FacilityFacts], product: LendingRange) -> Iterator[KnockOut]:
    if any(not product.least <= facility.amount <= product.most for facility in facilities):
        yield KnockOut(AMOUNT, _("An amount asked for lies outside what the product lends."))


def _terms(facilities: Sequence[FacilityFacts], product: LendingRange) -> Iterator[KnockOut]:
    if any(not product.shortest <= facility.term_months <= product.longest for facility in facilities):
        yield KnockOut(TERM, _("A term asked for lies outside what the product lends."))

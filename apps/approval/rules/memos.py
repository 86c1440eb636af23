"""What a decision memo says, from facts alone: its table of figures, who must sign, and its canonical content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from apps.approval.rules.authority import NoAuthority, authority_needed, authority_row
from apps.approval.rules.limits import OUTSIDE, Measured, exception_levels, limit_for, line_between, line_for
from apps.approval.rules.policies import PolicyRules
from apps.audit.canonical import JSON, canonical, digest
from apps.core import money

SCHEMA = 1
PLACES = Decimal("0.0001")
RATIO_KINDS = {"debt_to_assets": "share", "gross_margin": "share", "net_margin": "share"}
FIXED = frozenset({"amount", "rate", "term", "dscr", "dti", "ltv", "exposure"})
"""Measures that every memo has; a policy may limit these, and any ratio of the review by its code."""


@dataclass(frozen=True, slots=True)
class FacilityFacts:
    """A facility as asked for and as recommended: amounts in the case's currency, terms in months, rate in % a year."""

    position: int
    kind: str
    purpose: str
    asked: Decimal
    asked_term: int
    amount: Decimal
    term: int
    rate: Decimal
    repayment: str


@dataclass(frozen=True, slots=True)
class ProductBounds:
    """What the product allows."""

    max_amount: Decimal
    min_term: int
    max_term: int
    min_rate: Decimal
    max_rate: Decimal


@dataclass(frozen=True, slots=True)
class MemoFacts:
    """All that a memo binds. ``texts`` are the free words, ``extra`` whatever else the earlier stages want bound."""

    case: str
    currency: str
    product: str
    is_secured: bool
    bounds: ProductBounds
    facilities: tuple[FacilityFacts, ...]
    grade: str
    points: int
    pd: Decimal | None
    ratios: Mapping[str, Decimal | None]
    dscr: Decimal | None
    collateral_value: Decimal | None = None
    prior_liens: Decimal = Decimal(0)
    exposure_others: Decimal = Decimal(0)
    reasons: Sequence[Mapping[str, JSON]] = ()
    conditions: Sequence[Mapping[str, JSON]] = ()
    guarantors: Sequence[Mapping[str, JSON]] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, JSON] = field(default_factory=dict)

    @property
    def amount(self) -> Decimal:
        """Sum recommended."""
        return sum((each.amount for each in self.facilities), Decimal(0))

    @property
    def asked(self) -> Decimal:
        """Sum asked for."""
        return sum((each.asked for each in self.facilities), Decimal(0))


def measured_lines(facts: MemoFacts, policy: PolicyRules) -> tuple[Measured, ...]:
    """The memo's table: amount, rate, term, cover, loan to value, exposure, and every ratio that the policy limits."""
    return (*_product_lines(facts), *_policy_lines(facts, policy))


def _product_lines(facts: MemoFacts) -> tuple[Measured, ...]:
    bounds, terms = facts.bounds, [Decimal(each.term) for each in facts.facilities]
    asked_term = Decimal(max(each.asked_term for each in facts.facilities))
    rates = [each.rate for each in facts.facilities]
    rate = max(rates) if max(rates) > bounds.max_rate else min(rates)
    term = max(terms) if max(terms) > bounds.max_term else min(terms)
    return (
        line_between("amount", "amount", facts.asked, facts.amount, None, bounds.max_amount),
        line_between("rate", "rate", None, rate, bounds.min_rate, bounds.max_rate),
        line_between("term", "months", asked_term, term, Decimal(bounds.min_term), Decimal(bounds.max_term)),
    )


def _policy_lines(facts: MemoFacts, policy: PolicyRules) -> list[Measured]:
    figures = _figures(facts)
    measures = dict.fromkeys((*figures, *(limit.measure for limit in policy.limits)))
    lines = []
    for measure in measures:
        if measure == "ltv" and not facts.is_secured:
            continue
        limit = limit_for(measure, facts.product, facts.grade, policy.limits)
        kind, requested, recommended = figures.get(measure) or (
            RATIO_KINDS.get(measure, "ratio"), None, facts.ratios.get(measure),
        )  # fmt: skip
        if limit is not None or recommended is not None:
            lines.append(line_for(measure, kind, requested, recommended, limit))
    return lines


def _figures(facts: MemoFacts) -> dict[str, tuple[str, Decimal | None, Decimal | None]]:
    others = facts.exposure_others
    return {
        "dscr": ("ratio", None, facts.dscr),
        "dti": ("share", None, (1 / facts.dscr).quantize(PLACES) if facts.dscr else None),
        "ltv": ("share", _loan_to_value(facts, facts.asked), _loan_to_value(facts, facts.amount)),
        "exposure": ("amount", others + facts.asked, others + facts.amount),
    }


def _loan_to_value(facts: MemoFacts, loan: Decimal) -> Decimal | None:
    """The loan and what ranks before it, over the collateral's value."""
    return ((loan + facts.prior_liens) / facts.collateral_value).quantize(PLACES) if facts.collateral_value else None


def signatures_for(facts: MemoFacts, policy: PolicyRules) -> tuple[tuple[str, ...], str]:
    """Levels that must sign and the one that declines alone; nobody at all where the policy gives no authority.

    A policy's amounts are in its own currency: it gives none over a case in another.
    """
    if facts.currency != policy.currency:
        return (), ""
    levels = exception_levels(measured_lines(facts, policy))
    try:
        row = authority_row(facts.amount, facts.grade, facts.is_secured, policy)
    except NoAuthority:
        return (), ""
    if "" in levels:
        return (), row.decline_level
    return authority_needed(facts.amount, facts.grade, facts.is_secured, policy, levels), row.decline_level


BY_PRODUCT = frozenset({"amount", "rate", "term"})
"""Lines that the product bounds, whatever a policy says."""


def signatures_under(content: Mapping[str, Any], policy: PolicyRules) -> tuple[str, ...]:
    """Levels that would have to sign a frozen memo's content under another policy; nobody where it gives no authority."""
    if content["currency"] != policy.currency:
        return ()
    levels = {
        str(line["level"]) for line in content["lines"] if line["measure"] in BY_PRODUCT and line["flag"] in OUTSIDE
    }
    levels |= set(exception_levels(_lines_under(content, policy)))
    try:
        return () if "" in levels else authority_needed(
            Decimal(content["amount"]), content["grade"], content["is_secured"], policy, levels
        )  # fmt: skip
    except NoAuthority:
        return ()


def _lines_under(content: Mapping[str, Any], policy: PolicyRules) -> list[Measured]:
    figures = {str(line["measure"]): line["recommended"] for line in content["lines"]} | content["ratios"]
    limited = {limit.measure for limit in policy.limits} - BY_PRODUCT
    lines = []
    for measure in sorted(limited if content["is_secured"] else limited - {"ltv"}):
        limit = limit_for(measure, content["product"], content["grade"], policy.limits)
        value = figures.get(measure)
        if limit is not None:
            lines.append(line_for(measure, "ratio", None, None if value is None else Decimal(value), limit))
    return lines


def memo_content(facts: MemoFacts, policy: PolicyRules, *, number: int, salt: str) -> dict[str, JSON]:
    """The content that is frozen: plain JSON, decimals as text in one spelling, ``salt`` against guessing."""
    needed, decline_level = signatures_for(facts, policy)
    body = asdict(facts) | {
        "schema": SCHEMA,
        "memo": number,
        "salt": salt,
        "policy": policy.version,
        "amount": facts.amount,
        "asked": facts.asked,
        "lines": [asdict(line) for line in measured_lines(facts, policy)],
        "needed": list(needed),
        "decline_level": decline_level,
    }
    return {key: spelled(value, facts.currency, key) for key, value in body.items()}


MONEY = frozenset({"amount", "asked", "collateral_value", "exposure_others", "max_amount", "prior_liens"})


def spelled(value: object, currency: str, name: str = "") -> JSON:
    """Write a value in its one spelling: money to the minor unit, other decimals without trailing zeros."""
    if isinstance(value, Decimal):
        return format(money.quantise(value, currency) if name in MONEY else _trimmed(value), "f")
    if isinstance(value, Mapping):
        return {str(key): spelled(item, currency, str(key)) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [spelled(item, currency, name) for item in value]
    if value is None or isinstance(value, (bool, int)):
        return value
    return str(value)


def _trimmed(value: Decimal) -> Decimal:
    normal = value.normalize()
    return normal.quantize(Decimal(1)) if normal == normal.to_integral_value() else normal


def memo_digest(content: Mapping[str, JSON]) -> str:
    """SHA-256 of a memo's canonical JSON, in lower-case hexadecimal."""
    return digest(canonical(dict(content)))


SUMMARISED = (
    "amount",
    "asked",
    "currency",
    "facilities",
    "grade",
    "points",
    "pd",
    "lines",
    "reasons",
    "exposure_others",
)


def memo_summary(content: Mapping[str, JSON]) -> dict[str, JSON]:
    """The figures of a memo that are not personal, for pages that open no secret."""
    return {key: content[key] for key in SUMMARISED}

"""A credit policy as people read it: its matrix, its limits, and how it differs from another version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from apps.approval import wording
from apps.approval.rules import AuthorityRow, Limit, PolicyRules, bands, final_level, left_over
from apps.core import figures
from apps.core.pages import Change
from apps.credit_review.scorecard import GRADES
from apps.workflow.models import Product

KINDS: dict[bool | None, Any] = {
    None: _("secured and unsecured"),
    True: _("secured"),
    False: _("unsecured"),
}


@dataclass(frozen=True, slots=True)
class CellShown:
    """Who signs in one band for one grade; no levels where nobody does."""

    grade: str
    levels: Sequence[str]
    declines: str


@dataclass(frozen=True, slots=True)
class BandShown:
    """A band of amounts in the policy's currency."""

    low: Decimal
    high: Decimal
    cells: Sequence[CellShown]


@dataclass(frozen=True, slots=True)
class MatrixShown:
    """The matrix for secured or unsecured cases; ``above`` tells of products that reach beyond all authority."""

    title: Any
    slug: str
    bands: Sequence[BandShown]
    above: Sequence[str]


@dataclass(frozen=True, slots=True)
class LimitShown:
    """A limit in words."""

    measure: Any
    scope: str
    limit: str
    beyond: str


@dataclass(frozen=True, slots=True)
class PolicyShown:
    """A policy, or the draft of one, in words."""

    rules: PolicyRules
    memo_days: int
    grades: Sequence[str]
    matrices: Sequence[MatrixShown]
    limits: Sequence[LimitShown]


def policy_shown(rules: PolicyRules, memo_days: int) -> PolicyShown:
    """A policy as a compliance officer reads it; one query, for the products that it should cover."""
    products = list(Product.objects.filter(is_active=True, currency=rules.currency).order_by("code"))
    matrices = [_matrix(rules, secured, products) for secured in (False, True)]
    return PolicyShown(
        rules, memo_days, GRADES, matrices, [_limit(limit, rules.currency) for limit in rules.limits],
    )  # fmt: skip


def _matrix(rules: PolicyRules, secured: bool, products: Sequence[Product]) -> MatrixShown:
    shown = [
        BandShown(band.low, band.high, [_cell(grade, row) for grade, row in band.rows.items()])
        for band in bands(rules, secured, GRADES)
    ]
    title = _("Secured loans") if secured else _("Unsecured loans")
    return MatrixShown(title, "secured" if secured else "unsecured", shown, list(_above(rules, secured, products)))


def _cell(grade: str, row: AuthorityRow | None) -> CellShown:
    if row is None:
        return CellShown(grade, (), "")
    return CellShown(grade, [wording.level(each) for each in row.signatures], wording.level(_declines(row)))


def _sum(value: Decimal | None, currency: str) -> str:
    """An amount with its currency: ``CNY 800,000``."""
    return wording.figure(value, "amount", currency)


def _declines(row: AuthorityRow) -> str:
    return final_level(row.signatures, row.decline_level)


def _above(rules: PolicyRules, secured: bool, products: Sequence[Product]) -> Iterator[str]:
    for product in (each for each in products if each.is_secured == secured):
        top = left_over(rules, secured, product.max_amount, GRADES)
        if top is not None:
            yield _t("Nobody signs above %(top)s, though “%(product)s” lends up to %(most)s.") % {
                "top": _sum(top, rules.currency), "product": product.name,
                "most": _sum(product.max_amount, rules.currency),
            }  # fmt: skip


def _limit(limit: Limit, currency: str) -> LimitShown:
    scope = " · ".join([*sorted(limit.products), *sorted(limit.grades)])
    beyond = wording.level(limit.exception_level) if limit.exception_level else ""
    return LimitShown(wording.MEASURES.get(limit.measure, limit.measure), scope, _bound(limit, currency), beyond)


def _bound(limit: Limit, currency: str) -> str:
    low, high = (limit.value if limit.bound == bound else None for bound in ("min", "max"))
    return wording.limit({"kind": wording.kind_of(limit.measure), "low": low, "high": high}, currency)


def policy_changes(before: PolicyShown | None, after: PolicyShown) -> list[Change]:
    """What differs between two versions, in the order in which a policy is read."""
    old = {} if before is None else dict(_lines(before))
    new = dict(_lines(after))
    keys = list(dict.fromkeys([*new, *old]))
    return [
        Change(key[0], old.get(key, figures.NOTHING), new.get(key, figures.NOTHING))
        for key in keys
        if old.get(key) != new.get(key)
    ]


def _lines(shown: PolicyShown) -> Iterator[tuple[tuple[str, str], str]]:
    """Each line's name and bound, and what it says: a highest and a lowest value of one measure stay two lines."""
    rules = shown.rules
    for name, amount in _amounts(rules).items():
        yield (name, ""), _sum(amount, rules.currency)
    yield (_t("A memo holds for, days"), ""), str(shown.memo_days)
    yield from _row_lines(rules)
    for limit in shown.limits:
        name = " · ".join(filter(None, (str(limit.measure), limit.scope)))
        yield (
            (name, limit.limit[:1]),
            _t("%(limit)s; beyond it: %(who)s") % {"limit": limit.limit, "who": limit.beyond or _t("nobody")},
        )


def _amounts(rules: PolicyRules) -> Mapping[str, Decimal | None]:
    return {
        _t("Largest amount signed by one-time code"): rules.totp_up_to,
        _t("Largest amount lent without a visit"): rules.visit_free_up_to,
    }


def _row_lines(rules: PolicyRules) -> Iterator[tuple[tuple[str, str], str]]:
    """Rows by grades, kind and place, so that a changed amount reads as a change, not as one row gone and another come."""
    places: dict[str, int] = {}
    for row in sorted(
        rules.authorities, key=lambda row: (sorted(row.grades), row.secured is None, row.secured or False, row.up_to)
    ):
        group = f"{', '.join(sorted(row.grades))} · {KINDS[row.secured]}"
        places[group] = places.get(group, 0) + 1
        words = {
            "amount": _sum(row.up_to, rules.currency), "who": wording.levels(row.signatures),
            "no": wording.level(_declines(row)),
        }  # fmt: skip
        yield (f"{group} · {places[group]}", ""), _t("up to %(amount)s: %(who)s; declines alone: %(no)s") % words

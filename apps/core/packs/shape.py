"""The shape of a jurisdiction pack: identifiers, calendar, asset classes, documents and legal clocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from types import ModuleType
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from stdnum import exceptions as stdnum_errors


@dataclass(frozen=True, slots=True)
class IdentifierKind:
    """A kind of identifier with its python-stdnum module (``None`` accepts any text) and what to say when it is wrong.

    ``explain`` names the group of characters that is wrong; ``accepts`` holds what the module does not look at.
    """

    code: str
    label: Any
    module: ModuleType | None
    hint: Any
    visible_head: int = 4
    visible_tail: int = 4
    explain: Callable[[str], str] | None = None
    accepts: Callable[[str], bool] | None = None

    def clean(self, value: str) -> str:
        """Return the compact form; raises ``ValidationError`` that names what is wrong with it."""
        compact = "".join(value.split()).upper()
        if self.module is None:
            return compact
        try:
            number = str(self.module.validate(compact))
            if self.accepts is not None and not self.accepts(number):
                raise stdnum_errors.InvalidComponent
        except stdnum_errors.ValidationError as error:
            raise ValidationError(self._why(compact, error), code="identifier") from error
        return number

    def _why(self, compact: str, error: stdnum_errors.ValidationError) -> str:
        number = compact.replace("-", "")
        return (self.explain(number) if self.explain is not None else "") or _explain(error, self)


def _explain(error: stdnum_errors.ValidationError, kind: IdentifierKind) -> str:
    reason = {
        stdnum_errors.InvalidLength: _("The number of characters is wrong."),
        stdnum_errors.InvalidFormat: _("It holds a character that does not belong there."),
        stdnum_errors.InvalidChecksum: _("The check digit does not fit: one of the digits is mistyped."),
        stdnum_errors.InvalidComponent: _("A part of it (region, date or type) does not exist."),
    }.get(type(error), _("It is not valid."))
    return f"{reason} {kind.hint}"


@dataclass(frozen=True, slots=True)
class AssetClass:
    """A class of collateral: its usual haircut (share of value not lent against) and the oldest valuation taken.

    ``insurable`` classes are taken only insured, in the bank's favour.
    """

    code: str
    label: Any
    haircut: Decimal
    valuation_days: int
    registry: Any
    insurable: bool = True


@dataclass(frozen=True, slots=True)
class RequiredDocument:
    """A document of the intake checklist; ``secured_only`` ones are asked when collateral is offered."""

    code: str
    label: Any
    required: bool = True
    secured_only: bool = False


@dataclass(frozen=True, slots=True)
class LegalClock:
    """A term set by law that never pauses: from which event, how many calendar days, what must have happened."""

    code: str
    label: Any
    starts: str
    days: int


@dataclass(frozen=True, slots=True)
class FirstLending:
    """What an institution lends before it has laid down its own terms: amounts in the pack's currency, rates in % a year.

    ``scale`` multiplies the amounts of the first credit policy, which are written for the yuan.
    """

    least: Decimal
    most: Decimal
    min_rate: Decimal
    max_rate: Decimal
    scale: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything of one jurisdiction."""

    code: str
    label: Any
    country: str
    currency: str
    time_zone: str
    language: str
    business_identifiers: tuple[IdentifierKind, ...]
    person_identifiers: tuple[IdentifierKind, ...]
    asset_classes: tuple[AssetClass, ...]
    documents: tuple[RequiredDocument, ...]
    clocks: tuple[LegalClock, ...]
    family_name_first: bool
    day_count: str
    decline_letter: Any
    consents: tuple[tuple[str, Any], ...]
    lending: FirstLending

    def business_identifier(self, code: str) -> IdentifierKind:
        """Return a kind of business identifier; raises ``KeyError``."""
        return {kind.code: kind for kind in self.business_identifiers}[code]

    def person_identifier(self, code: str) -> IdentifierKind:
        """Return a kind of personal identifier; raises ``KeyError``."""
        return {kind.code: kind for kind in self.person_identifiers}[code]

    def clock(self, starts: str) -> LegalClock:
        """Return the clock that an event starts; raises ``KeyError`` where the law sets none."""
        return {item.starts: item for item in self.clocks}[starts]

    def asset_class(self, code: str) -> AssetClass:
        """Return a class of collateral; raises ``KeyError``."""
        return {item.code: item for item in self.asset_classes}[code]

"""The mapping file: which column fills which field, in TOML, so that a branch's own spreadsheet needs no code.

::

    source = "sba7a"                # name of the source system; with ``id`` it makes a row importable once
    id = "LoanNr_ChkDgt"
    currency = "USD"
    [fields.legal_name]             # one table a target field
    column = "Name"
    required = true
    [fields.amount]
    column = "GrAppv"
    kind = "amount"                 # text (default), amount, integer, date, choice
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from apps.core import money
from apps.core.errors import BadInput
from apps.core.text import visible

BUILT_IN = Path(__file__).parent / "mappings"
TARGETS = frozenset(
    {
        "legal_name",
        "identifier",
        "industry",
        "region",
        "address",
        "phone",
        "email",
        "employees",
        "founded_on",
        "amount",
        "term_months",
        "purpose",
        "repayment_source",
    }
)
KINDS = frozenset({"text", "amount", "integer", "date", "choice"})
LONGEST = 400


@dataclass(frozen=True, slots=True)
class Reject:
    """Why a row was not taken: line of the file (the header is line 1), column, value as it stood, reason."""

    line: int
    column: str
    value: str
    reason: str


class BadCell(ValueError):
    """A cell that cannot be taken; its text says what is expected."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How one target field is filled from one or several columns."""

    target: str
    columns: tuple[str, ...]
    kind: str = "text"
    required: bool = False
    formats: tuple[str, ...] = ("%Y-%m-%d",)
    choices: Mapping[str, str] = field(default_factory=dict)
    empty: tuple[str, ...] = ("",)
    join: str = ", "

    def read(self, row: Mapping[str, str]) -> Any:
        """Value of the target in a row, ``None`` when empty; raises ``BadCell``."""
        text = self.join.join(part for part in (row.get(column, "").strip() for column in self.columns) if part)
        if text in self.empty:
            if self.required:
                raise BadCell(_("A value is required."))
            return None
        return READERS[self.kind](text, self)


def _text(text: str, rule: Rule) -> str:
    clean = visible(text)
    if any(ord(char) < 32 for char in clean):
        raise BadCell(_("The text holds a character that cannot be stored."))
    if len(clean) > LONGEST:
        raise BadCell(_("The text is longer than %(most)s characters.") % {"most": LONGEST})
    return clean


def _amount(text: str, rule: Rule) -> Decimal:
    plain = text.replace("$", "").replace("¥", "").replace(",", "").strip()
    try:
        amount = Decimal(plain)
    except InvalidOperation as error:
        raise BadCell(_("An amount in digits is expected.")) from error
    if not amount.is_finite() or not 0 < amount <= money.LARGEST:
        raise BadCell(_("The amount must be above zero and have at most fourteen digits."))
    return amount


def _integer(text: str, rule: Rule) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise BadCell(_("A whole number is expected."))
    return int(text)


def _date(text: str, rule: Rule) -> dt.date:
    for form in rule.formats:
        try:
            return dt.datetime.strptime(text, form).date()  # noqa: DTZ007 - a calendar day has no zone
        except ValueError:
            continue
    raise BadCell(
        _("A date like %(example)s is expected.") % {"example": dt.date(2026, 12, 31).strftime(rule.formats[0])}
    )


def _choice(text: str, rule: Rule) -> str:
    if text in rule.choices:
        return rule.choices[text]
    prefix = next((key for key in rule.choices if key.endswith("*") and text.startswith(key[:-1])), None)
    if prefix is None:
        raise BadCell(_("This value is not in the mapping's list."))
    return rule.choices[prefix]


READERS: dict[str, Callable[[str, Rule], Any]] = {
    "text": _text,
    "amount": _amount,
    "integer": _integer,
    "date": _date,
    "choice": _choice,
}


@dataclass(frozen=True, slots=True)
class ImportMapping:
    """A whole mapping: the source's name, its id column, the currency of its amounts and a rule a field."""

    source: str
    id_column: str
    currency: str
    rules: tuple[Rule, ...]

    @property
    def columns(self) -> frozenset[str]:
        """Every column the file must have."""
        return frozenset({self.id_column, *(column for rule in self.rules for column in rule.columns)})

    def read(self, line: int, row: Mapping[str, str]) -> tuple[dict[str, Any], list[Reject]]:
        """Values by target, and what is wrong with the row (empty: nothing)."""
        values: dict[str, Any] = {"source_id": row.get(self.id_column, "").strip()}
        wrong: list[Reject] = []
        if not values["source_id"] or len(values["source_id"]) > 80:
            wrong.append(
                Reject(line, self.id_column, values["source_id"], _("An identifier of 1 to 80 characters is expected."))
            )
        for rule in self.rules:
            try:
                values[rule.target] = rule.read(row)
            except BadCell as error:
                shown = rule.join.join(row.get(column, "") for column in rule.columns)
                wrong.append(Reject(line, ", ".join(rule.columns), shown, str(error)))
        return values, wrong


def mapping_load(name: str) -> ImportMapping:
    """Load a built-in mapping by name or a TOML file by path; raises ``BadInput`` that says what is wrong in it."""
    path = BUILT_IN / f"{name}.toml" if name.isidentifier() and (BUILT_IN / f"{name}.toml").exists() else Path(name)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        known = ", ".join(sorted(file.stem for file in BUILT_IN.glob("*.toml")))
        raise BadInput(
            _("There is no mapping “%(name)s”. Built in: %(known)s; or give the path of a TOML file.")
            % {"name": name, "known": known}
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(_("The mapping cannot be read: %(error)s") % {"error": error}) from error
    return mapping_parse(content)


def mapping_parse(content: Mapping[str, Any]) -> ImportMapping:
    """Check a mapping's tables and build it; raises ``BadInput``."""
    missing = {"source", "id", "currency", "fields"} - set(content)
    if missing:
        raise BadInput(_("The mapping lacks: %(names)s.") % {"names": ", ".join(sorted(missing))})
    if content["currency"] not in money.MINOR_UNITS:
        raise BadInput(_("The currency %(code)s is not known.") % {"code": content["currency"]})
    rules = tuple(_rule(target, table) for target, table in content["fields"].items())
    required = {"legal_name", "amount"} - {rule.target for rule in rules}
    if required:
        raise BadInput(_("The mapping fills no %(names)s.") % {"names": ", ".join(sorted(required))})
    return ImportMapping(str(content["source"]), str(content["id"]), str(content["currency"]), rules)


def _rule(target: str, table: Mapping[str, Any]) -> Rule:
    columns = table.get("columns") or ([table["column"]] if "column" in table else [])
    kind = table.get("kind", "text")
    if target not in TARGETS or kind not in KINDS or not columns:
        raise BadInput(_("The field “%(name)s” needs a known name, a kind and a column.") % {"name": target})
    return Rule(
        target,
        tuple(columns),
        kind,
        bool(table.get("required", False)),
        tuple(table.get("formats", ("%Y-%m-%d",))),
        dict(table.get("choices", {})),
        tuple(table.get("empty", ("",))),
        str(table.get("join", ", ")),
    )

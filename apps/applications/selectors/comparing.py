"""Two versions of an application side by side: grouped by section, secrets masked, texts compared word by word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.applications.models import Application, ApplicationVersion
from apps.applications.rules.comparing import Difference, Piece, compared, pieces
from apps.applications.selectors.reading import task_of
from apps.audit.services import record_read
from apps.audit.tags import Tag
from apps.borrowers.models import Borrower, Interest, InterestKind, Party
from apps.borrowers.writing import pack_in_use
from apps.core import figures
from apps.core.actor import Actor
from apps.core.labels import labelled, listed
from apps.core.memory import remembered
from apps.vault.errors import CannotOpen
from apps.vault.fields.base import EncryptedField
from apps.workflow.models import Facility, LoanCase
from apps.workflow.selectors.people import handles_of

MODELS: dict[str, type[models.Model]] = {
    "business": Borrower, "people": Party, "facilities": Facility, "words": Application,
}  # fmt: skip
TITLES: dict[str, Any] = {
    "terms": gettext_lazy("Product and currency"), "business": gettext_lazy("Business"),
    "words": gettext_lazy("Purpose and source of repayment"),
}  # fmt: skip
NAMES: dict[str, Any] = {"product": gettext_lazy("product"), "currency": gettext_lazy("currency")}
"""Words of what is no field of a row."""
ORDER = ("business", "people", "terms", "facilities", "words")
PARTS = "parts"


@dataclass(frozen=True, slots=True)
class Line:
    """A field: its name in words, both values as this reader may see them, and how it differs.

    ``hidden`` says that the values differ behind equal masks; ``pieces`` that it is a text, compared word by word.
    """

    label: str
    kind: str
    before: str
    after: str
    hidden: bool = False
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """A section, a person or a facility with its fields: those that differ, and those that do not."""

    title: str
    changed: tuple[Line, ...] = ()
    same: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """A version kept: its row, who kept it, and what it differs in from the one before, by section."""

    row: ApplicationVersion
    handle: str
    changed: tuple[str, ...] = ()

    @property
    def number(self) -> int:
        """Number of the version, from 1."""
        return self.row.number


@dataclass(frozen=True, slots=True)
class Comparison:
    """All versions, newest first, and the two that are compared; ``unreadable`` where their keys are gone."""

    kept: tuple[Version, ...]
    left: Version | None = None
    right: Version | None = None
    groups: tuple[Group, ...] = field(default=())
    unreadable: str = ""


def versions_compared(actor: Actor, case: LoanCase, left: int | None, right: int | None) -> Comparison:
    """Compare two versions by number, or the last two. The look is recorded; the caller has authorised it."""
    rows = list(ApplicationVersion.objects.filter(case=case).select_related("key_owner").order_by("number"))
    handles = handles_of(row.made_by_id for row in rows)
    try:
        contents = {row.number: row.content.reveal() for row in rows}
    except CannotOpen as gone:
        plain = tuple(Version(row, handles.get(row.made_by_id or 0, "")) for row in reversed(rows))
        return Comparison(plain, unreadable=str(gone.placeholder))
    shown = [_version(row, handles, contents, rows[at - 1] if at else None) for at, row in enumerate(rows)]
    pair = _pair(shown, left, right)
    if pair is None:
        return Comparison(tuple(reversed(shown)))
    numbers = [each.row.number for each in pair]
    record_read(
        Tag.APPLICATION_READ, actor=actor, subject=pair[1].row, purpose=task_of(case), case=case, fields=["versions"],
        note={"left": numbers[0], "right": numbers[1]},
    )  # fmt: skip
    return Comparison(tuple(reversed(shown)), *pair, _groups(contents[numbers[0]], contents[numbers[1]]))


def _pair(shown: list[Version], left: int | None, right: int | None) -> tuple[Version, Version] | None:
    """The two that were asked for; where one of them is not there, the last two."""
    known = {each.row.number: each for each in shown}
    if left in known and right in known and left is not None and right is not None:
        return known[left], known[right]
    return (shown[-2], shown[-1]) if len(shown) > 1 else None


def _version(
    row: ApplicationVersion, handles: Mapping[int, str], contents: Mapping[int, Any], before: ApplicationVersion | None
) -> Version:
    """A version with the fields in which it differs from the one before, by name and never by value."""
    places = compared(contents[before.number], contents[row.number]) if before else []
    currency = str(contents[row.number].get("currency", ""))
    found: dict[str, dict[str, None]] = {}
    for each in places:
        if each.kind != "same":
            found.setdefault(_title(_key(each.path), {}), {})[_line(each, currency).label] = None
    changed = tuple(labelled(title, listed(labels)) for title, labels in found.items())
    return Version(row, handles.get(row.made_by_id or 0, ""), changed)


def _groups(older: Mapping[str, Any], newer: Mapping[str, Any]) -> tuple[Group, ...]:
    """The fields by section, in the order in which an application is read."""
    found: dict[tuple[str, ...], list[Difference]] = {}
    for each in compared(older, newer):
        if each.path[-1] != "position":  # a facility's own number is its title
            found.setdefault(_key(each.path), []).append(each)
    names = {key: str(each.get("name", "")) for side in (older, newer) for key, each in side.get("people", {}).items()}
    currency = str(newer.get("currency", ""))
    return tuple(
        _group(_title(key, names), [_line(each, currency) for each in found[key]])
        for key in sorted(found, key=lambda key: (ORDER.index(key[0]), [int(part) for part in key[1:]]))
    )


def _group(title: str, lines: Iterable[Line]) -> Group:
    every = tuple(lines)
    return Group(
        title,
        tuple(each for each in every if each.kind != "same"),
        tuple(each for each in every if each.kind == "same"),
    )


def _key(path: tuple[str, ...]) -> tuple[str, ...]:
    """The section of a field; each person and each facility is one of its own."""
    if path[0] in {"people", "facilities"}:
        return path[:2]
    return (path[0],) if path[0] in MODELS else ("terms",)


def _title(key: tuple[str, ...], names: Mapping[str, str]) -> str:
    if key[0] == "people":
        name = _field(Party, "name")
        masked = name.mask_value(names[key[1]]) if key[1] in names and isinstance(name, EncryptedField) else ""
        return f"{_('Person')} {masked}".strip()
    if key[0] == "facilities":
        return _("Facility %(number)s") % {"number": key[1]}
    return str(TITLES[key[0]])


def _line(each: Difference, currency: str) -> Line:
    """A field with its values as they may be shown."""
    section, name = each.path[0], each.path[-1]
    model: type[models.Model] = Interest if PARTS in each.path[2:] else MODELS.get(section, LoanCase)
    kept = _field(model, name)
    before, after = (_shown(kept, name, value, currency) for value in (each.before, each.after))
    if section == "words":
        split = tuple(pieces(str(each.before or ""), str(each.after or ""))) if each.kind == "changed" else ()
        return Line(_label(each.path, kept), each.kind, str(each.before or ""), str(each.after or ""), pieces=split)
    return Line(_label(each.path, kept), each.kind, before, after, each.kind == "changed" and before == after)


def _field(model: type[models.Model], name: str) -> Any:
    """The model's field of a name, or ``None``."""
    return next((each for each in model._meta.concrete_fields if name in {each.name, each.attname}), None)


@remembered
def _identifiers() -> dict[str, Any]:
    """Kinds of identifiers of businesses and people, in words."""
    pack = pack_in_use()
    return {kind.code: kind.label for kind in (*pack.business_identifiers, *pack.person_identifiers)}


def _label(path: tuple[str, ...], kept: Any) -> str:
    """A field's name in words; a person's part stands before what belongs to it."""
    words = capfirst(str(NAMES.get(path[-1]) or (kept.verbose_name if kept is not None else path[-1])))
    if PARTS not in path[2:]:
        return words
    kind = path[path.index(PARTS) + 1] if len(path) > path.index(PARTS) + 1 else ""
    part = InterestKind(kind).label if kind in InterestKind.values else kind
    return labelled(capfirst(str(part)), words)


def _shown(kept: Any, name: str, value: Any, currency: str) -> str:
    """A value as every reader may see it: secrets masked, choices in words, amounts with their separators."""
    if value in (None, ""):
        return figures.NOTHING
    if isinstance(kept, EncryptedField):
        return kept.mask_value(value)
    if name == "amount":
        return f"{currency} {figures.amount(value, currency)}"
    choices: dict[Any, Any] = dict(kept.flatchoices) if kept is not None else {}
    choices |= _identifiers() if name in {"identifier_kind", "id_kind"} else {}
    return str(choices.get(value, value))

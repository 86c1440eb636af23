"""The classes of data, and how a model says of which class each of its fields is.

    data_classes = declared(names="legal_name name_folded", codes="identifier_kind", facts="employees frozen")

Links, keys and what ``Row`` gives need no word; an encrypted field says its class itself. ``apps.vault.classified`` checks it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class DataClass(TextChoices):
    """From the harmless to the worst."""

    PUBLIC = "public", _("public")
    INTERNAL = "internal", _("internal")
    PERSONAL = "personal", _("personal")
    SECRET = "secret", _("secret")


class Kind(StrEnum):
    """What a field holds, as far as it decides how it is kept."""

    FACTS = "facts"
    CODES = "codes"
    CATALOGUE = "catalogue"
    NAMES = "names"
    INSTITUTIONS = "institutions"
    ACCOUNTS = "accounts"
    FIGURES = "figures"
    REFERENCE = "reference"
    SEALED = "sealed"
    HASHED = "hashed"


CLASS_OF: Mapping[Kind, DataClass] = {
    Kind.FACTS: DataClass.INTERNAL,
    Kind.CODES: DataClass.INTERNAL,
    Kind.CATALOGUE: DataClass.PUBLIC,
    Kind.NAMES: DataClass.PERSONAL,
    Kind.INSTITUTIONS: DataClass.INTERNAL,
    Kind.ACCOUNTS: DataClass.PERSONAL,
    Kind.FIGURES: DataClass.INTERNAL,
    Kind.REFERENCE: DataClass.INTERNAL,
    Kind.SEALED: DataClass.PERSONAL,
    Kind.HASHED: DataClass.SECRET,
}
WHY: Mapping[Kind, Any] = {
    Kind.FACTS: _("numbers, days, marks and choices: no words"),
    Kind.CODES: _("code, key, digest or number that LoanFlow makes or chooses from a list"),
    Kind.CATALOGUE: _("the institution's own catalogue, shown to all who work with it"),
    Kind.NAMES: _(
        "name and place of a business: clear and searchable by design, out of the log, blanked when it is forgotten"
    ),
    Kind.INSTITUTIONS: _("name of an institution or a register"),
    Kind.ACCOUNTS: _("handle, address or device of whoever acts: evidence names it"),
    Kind.FIGURES: _("figures and references made by LoanFlow, no words that anybody typed"),
    Kind.REFERENCE: _("a bank's reference: letters and digits only, looked up so that nothing is posted twice"),
    Kind.SEALED: _("encrypted under its owner's key"),
    Kind.HASHED: _("hash, digest or wrapped key: nothing can be read from it"),
}
"""Why what is of a kind may stand in its column as it does."""

Declared = Mapping[str, Kind]


def declared(**kinds: str) -> Declared:
    """Return the kind of each field that is named; raises ``ValueError`` for an unknown kind or a field named twice."""
    found: dict[str, Kind] = {}
    for kind, names in kinds.items():
        for name in names.split():
            if name in found:
                raise ValueError(f"{name} is declared twice")
            found[name] = Kind(kind)
    return found


def declared_by(model: type[Any]) -> Declared:
    """Return what a model and its bases declare."""
    return {name: kind for base in reversed(model.__mro__) for name, kind in vars(base).get("data_classes", {}).items()}


def names_of(model: type[Any]) -> Iterator[str]:
    """Yield the fields of a model that are blanked when their owner is forgotten."""
    yield from (name for name, kind in declared_by(model).items() if kind is Kind.NAMES)

"""The port through which an upper floor says whose data an export in clear may show to which people, and which of their data.

Empty, it shows nothing of anybody.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping

from django.db.models import Model

from apps.audit.selectors import WHOLE_LOG, Scope


@dataclasses.dataclass(frozen=True, slots=True)
class Readers:
    """Who would read an export in clear (the numbers of all persons concerned), and which part of the log it covers."""

    people: tuple[int, ...]
    scope: Scope = WHOLE_LOG


Openable = Callable[[Readers, Collection[int]], Mapping[int, Model]]
Fields = Callable[[type[Model]], Collection[str]]


def nobody(_readers: Readers, _owners: Collection[int]) -> Mapping[int, Model]:
    """Answer of a port that nobody has filled."""
    return {}


def nothing(_model: type[Model]) -> Collection[str]:
    """Answer of a port that nobody has filled."""
    return ()


class OpeningPort:
    """``openable``: of key owners, by number, those whose data all the readers may read, each with the row whose data they are.
    ``fields``: the names of a model's fields that may be shown; whatever else is personal stays withheld.
    """

    openable: Openable = staticmethod(nobody)
    fields: Fields = staticmethod(nothing)


def fill(openable: Openable, fields: Fields) -> None:
    """Connect the port."""
    OpeningPort.openable, OpeningPort.fields = staticmethod(openable), staticmethod(fields)

"""The port through which upper floors say how long events are kept and whose are under a legal hold.

Empty, nothing may go.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Sequence

from django.utils.translation import gettext_lazy as _

from apps.core.errors import Unavailable


@dataclasses.dataclass(frozen=True, slots=True)
class Held:
    """Somebody under a legal hold: their reference, the keys of the objects that are theirs, the numbers of their cases."""

    ref: str
    objects: Collection[str]
    cases: Collection[str]


Months = Callable[[str], int]
Holds = Callable[[], Sequence[Held]]


def not_known(_data_class: str) -> int:
    """Answer of a port that nobody has filled."""
    raise Unavailable(_("Nobody has said how long the log is kept."))


def none_known() -> Sequence[Held]:
    """Answer of a port that nobody has filled."""
    raise Unavailable(_("Nobody has said which legal holds stand."))


class KeepingPort:
    """``months``: for how many months data of a class are kept; ``holds``: the legal holds that stand now."""

    months: Months = staticmethod(not_known)
    holds: Holds = staticmethod(none_known)


def fill(months: Months, holds: Holds) -> None:
    """Connect the port."""
    KeepingPort.months, KeepingPort.holds = staticmethod(months), staticmethod(holds)

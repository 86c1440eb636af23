"""What the top floor lends to the lists of cases: the views that people have saved; it fills the port in ``ready()``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from apps.core.actor import Actor


@dataclass(frozen=True, slots=True)
class SavedView:
    """Tab, filters and order of a list under a name; ``query`` is the list's address after the ``?``."""

    uuid: UUID
    name: str
    query: str
    is_default: bool = False
    branch: str = ""


@dataclass(frozen=True, slots=True)
class Views:
    """Views that a list offers to one reader: own ones, and others' that are shared with a branch in sight."""

    own: tuple[SavedView, ...] = ()
    shared: tuple[SavedView, ...] = ()

    @property
    def default(self) -> SavedView | None:
        """The one that opens with the page."""
        return next((view for view in self.own if view.is_default), None)

    def at(self, query: str) -> SavedView | None:
        """The view that an address shows."""
        return next((view for view in (*self.own, *self.shared) if view.query == query), None)


def none_saved(_actor: Actor, _page: str) -> Views:
    """Answer of a port that nobody has filled: no views."""
    return Views()


class Ports:
    """``views_of``: the saved views of a page (``work`` or ``cases``) for a reader."""

    views_of: Callable[[Actor, str], Views] = staticmethod(none_saved)

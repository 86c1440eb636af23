"""How far each reader has come in the tour: begun, left and taken up again, or put away. It decides nothing, so no act."""

from __future__ import annotations

from dataclasses import dataclass

from apps.core import clock
from apps.core.actor import Actor
from apps.portal.models import TourProgress
from apps.portal.tour import Placed, tour_of


@dataclass(frozen=True, slots=True)
class Shown:
    """The stop that a page shows, with its neighbours' numbers (``None`` at the ends)."""

    placed: Placed
    count: int

    @property
    def before(self) -> int | None:
        """The stop before it."""
        return self.placed.number - 1 if self.placed.number > 1 else None

    @property
    def after(self) -> int:
        """The stop after it; behind the last one the tour ends."""
        return self.placed.number + 1

    @property
    def is_last(self) -> bool:
        """Tell whether nothing follows."""
        return self.placed.number == self.count


def progress_of(actor: Actor) -> TourProgress | None:
    """Where the reader's account stands; ``None`` for who has never begun nor put it away."""
    return TourProgress.objects.filter(account_id=actor.account_id or 0).first()


def tour_go(actor: Actor, number: int) -> str:
    """Remember the stop that the reader goes to and return its address; ``""`` for a number that is no stop of theirs."""
    stops = tour_of(actor)
    if not 1 <= number <= len(stops):
        return ""
    _keep(actor, number, ended=False)
    return f"{stops[number - 1].address}?tour={number}"


def tour_end(actor: Actor) -> None:
    """Put the tour away; it stays in the help menu."""
    found = progress_of(actor)
    _keep(actor, found.stop if found is not None else 1, ended=True)


def _keep(actor: Actor, number: int, *, ended: bool) -> None:
    if actor.account_id is not None:
        at = clock.now() if ended else None
        TourProgress.objects.update_or_create(account_id=actor.account_id, defaults={"stop": number, "ended_at": at})


def shown_at(actor: Actor, asked: str, view_name: str) -> Shown | None:
    """The stop that an address asks for, if it is the reader's and of this very page."""
    if not asked.isdecimal() or len(asked) > 2:
        return None
    stops = tour_of(actor)
    if not 1 <= int(asked) <= len(stops) or stops[int(asked) - 1].stop.url_name != view_name:
        return None
    return Shown(stops[int(asked) - 1], len(stops))

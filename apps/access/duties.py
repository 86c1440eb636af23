"""Separation of duties as data and pure rules. They key on the person, never on the account or the role.

On one case (and on the cases that count with it, which the caller gathers) no two duties are done by one person.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Protocol, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Duty(models.TextChoices):
    """What a person does to a case, as far as it must be done by different people."""

    PREPARES = "prepares", _("prepares")
    REVIEWS = "reviews", _("reviews")
    VALUES = "values", _("values")
    APPROVES = "approves", _("approves")
    VERIFIES = "verifies", _("verifies")
    PAYS = "pays", _("pays")
    RELEASES = "releases", _("releases")


Pair = frozenset[Duty]
EXCLUSIVE: frozenset[Pair] = frozenset(frozenset(pair) for pair in itertools.combinations(Duty, 2))
# A small branch may let one person verify conditions and review credit; the proof shows what it costs.
SETTABLE: frozenset[Pair] = frozenset({frozenset({Duty.VERIFIES, Duty.REVIEWS})})


class DutyDoneLike(Protocol):
    """A duty that somebody has done: any object with these two."""

    @property
    def person_id(self) -> int:
        """Who did it."""

    @property
    def duty(self) -> str:
        """What they did."""


DoneType = TypeVar("DoneType", bound=DutyDoneLike)


def exclusive(one: Duty, other: Duty, compatible: Iterable[Pair] = ()) -> bool:
    """Tell whether one person may not do both; raises ``ValueError`` when ``compatible`` loosens a fixed pair."""
    loosened = frozenset(compatible)
    if not loosened <= SETTABLE:
        raise ValueError("only verifies and reviews may be set compatible")
    pair = frozenset({Duty(one), Duty(other)})
    return pair in EXCLUSIVE and pair not in loosened


def excluded(duty: Duty, done_by_person: Iterable[Duty], compatible: Iterable[Pair] = ()) -> Duty | None:
    """Duty among those a person has done that keeps them from ``duty`` now, or ``None``."""
    loosened = frozenset(compatible)
    done = frozenset(Duty(each) for each in done_by_person)
    return next((each for each in Duty if each in done and exclusive(duty, each, loosened)), None)


def conflicts(duty: Duty, done: Iterable[DoneType], person_id: int, compatible: Iterable[Pair] = ()) -> list[DoneType]:
    """Rows of ``done`` that keep a person from ``duty``: their own, of a duty that excludes it."""
    loosened = frozenset(compatible)
    return [row for row in done if row.person_id == person_id and exclusive(duty, Duty(row.duty), loosened)]


def own_business(borrower_ids: Iterable[int], tied_to: Iterable[int]) -> bool:
    """Tell whether any of the borrowers is a person's own business or a relative's."""
    return not frozenset(borrower_ids).isdisjoint(tied_to)

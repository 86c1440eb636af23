"""The proof's result: the least number of people for each setting, with their way, and whether the goals are met."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.access.duties import EXCLUSIVE, SETTABLE
from apps.access.roles import ADMINISTERING, APPROVING_OR_PAYING
from apps.workflow.proof.bank import Bank, Delegation
from apps.workflow.proof.lines import words
from apps.workflow.proof.search import Way, least_people

FORMAT = 1
GOAL = 4
GOAL_WITH_DELEGATION = 3


@dataclass(frozen=True, slots=True)
class Setting:
    """What a number is about: secured, verifier may review, who delegates, and whether people are administered meanwhile."""

    secured: bool
    verifier_reviews: bool
    delegation: Delegation = Delegation.NONE
    administration: bool = True

    def of(self, bank: Bank) -> Bank:
        """A bank in this setting."""
        compatible = SETTABLE if self.verifier_reviews else frozenset()
        found = replace(bank, secured=self.secured, compatible=compatible, delegation=self.delegation)
        return found if self.administration else found.in_person()


@dataclass(frozen=True, slots=True)
class Figure:
    """The least number of people in a setting, and their way."""

    setting: Setting
    people: int
    way: Way

    @property
    def goal(self) -> int:
        """How many it has to take at the least."""
        return GOAL if self.setting.delegation is Delegation.NONE else GOAL_WITH_DELEGATION

    @property
    def holds(self) -> bool:
        """Tell whether the goal is met."""
        return self.people >= self.goal

    @property
    def path(self) -> list[str]:
        """The way in words of the reader's language, a line a step."""
        return [words(line) for line in self.way]


@dataclass(frozen=True, slots=True)
class Proof:
    """All figures, the digest of the tables that they are about, and the day they were worked out."""

    figures: tuple[Figure, ...]
    tables: str
    on: dt.date | None = None

    @property
    def least(self) -> Figure:
        """The weakest place without a delegation."""
        return _weakest([each for each in self.figures if each.setting.delegation is Delegation.NONE])

    @property
    def least_with_delegation(self) -> Figure:
        """The weakest place with one."""
        return _weakest([each for each in self.figures if each.setting.delegation is not Delegation.NONE])

    @property
    def holds(self) -> bool:
        """Tell whether every goal is met."""
        return all(figure.holds for figure in self.figures)

    def plain(self) -> dict[str, Any]:
        """The result for machines; its names stay."""
        return {
            "format": FORMAT,
            "holds": self.holds,
            "goal": GOAL,
            "goal_with_delegation": GOAL_WITH_DELEGATION,
            "least_people": self.least.people,
            "least_people_with_delegation": self.least_with_delegation.people,
            "path": self.least.path,
            "path_with_delegation": self.least_with_delegation.path,
            "tables": self.tables,
            "settings": [_plain(figure) for figure in self.figures],
        }


SETTINGS: tuple[Setting, ...] = tuple(
    Setting(secured, verifier_reviews, delegation, administration)
    for administration, delegation in ((True, Delegation.NONE), (True, Delegation.OUTSIDE), (True, Delegation.AMONG),
                                       (False, Delegation.NONE))
    for secured in (False, True)
    for verifier_reviews in (False, True)
)  # fmt: skip
"""Every setting that is proved; the last four leave administration out, which shows what the duties alone demand."""

DELEGATIONS: dict[Delegation, Any] = {
    Delegation.NONE: _("no right is handed over"),
    Delegation.OUTSIDE: _("an unsuspecting colleague hands over one right"),
    Delegation.AMONG: _("the offenders hand rights to each other"),
}


def prove(bank: Bank | None = None, settings: Sequence[Setting] = SETTINGS) -> Proof:
    """Search every setting; takes seconds."""
    of = bank or Bank()
    return Proof(tuple(Figure(each, *least_people(each.of(of))) for each in settings), digest(of))


def digest(bank: Bank | None = None) -> str:
    """SHA-256 of all that the proof reads: process, roles, duties, administration and delegation, in a fixed spelling."""
    of = bank or Bank()
    rows = [
        [
            row.event.value,
            sorted(row.sources),
            row.target,
            row.permission.value,
            row.who.value,
            row.duty or "",
            row.guards,
        ]
        for row in of.table
    ]
    read: list[Any] = [
        rows,
        sorted((role.value, sorted(each.value for each in held)) for role, held in of.roles.items()),
        sorted(of.powerful), sorted(map(sorted, EXCLUSIVE)), sorted(map(sorted, SETTABLE)),
        sorted(ADMINISTERING), sorted(APPROVING_OR_PAYING), sorted((name, act or ()) for name, act in of.tied.items()),
        sorted((change.value, str(rule)) for change, rule in (of.rules or {}).items()),
        sorted(of.handing.never), str(replace(of.handing, never=frozenset())),
    ]  # fmt: skip
    return hashlib.sha256(repr(_spelt(read)).encode()).hexdigest()


def _spelt(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_spelt(each) for each in value]
    return str(value)


def _weakest(figures: Sequence[Figure]) -> Figure:
    return min(figures, key=lambda figure: (figure.people, len(figure.way)))


def _plain(figure: Figure) -> dict[str, Any]:
    setting = figure.setting
    return {
        "secured": setting.secured,
        "verifier_may_review": setting.verifier_reviews,
        "delegation": setting.delegation.value,
        "administration": setting.administration,
        "people": figure.people,
        "goal": figure.goal,
        "holds": figure.holds,
        "path": figure.path,
    }

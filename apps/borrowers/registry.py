"""What upper floors tell borrowers: reasons to choose from, sections of the borrower's page, and who must agree to or
hear of a change. Filled in ``AppConfig.ready()``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from apps.core.actor import Actor
from apps.core.permissions import Permission

if TYPE_CHECKING:
    from apps.borrowers.models import Borrower

Check = Callable[["Borrower", Actor], Sequence[Any]]
Listener = Callable[["Borrower", Actor], None]
Reasons = Callable[[str], Sequence[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the borrower's page: a template with what ``build`` returns; ``None`` shows nothing."""

    name: str
    template: str
    build: Callable[[Borrower, Actor], Mapping[str, Any] | None]
    permission: Permission


def no_reasons(_kind: str) -> Sequence[tuple[str, str]]:
    """Without a catalogue there is no purpose to choose, so nothing is revealed."""
    return ()


class Ports:
    """``reasons``: codes and words of a kind, ``purpose`` for opening masked data, ``freeze`` for freezing."""

    reasons: Reasons = staticmethod(no_reasons)


@dataclass(frozen=True, slots=True)
class Keeper:
    """Why a borrower may not be forgotten yet: ``kept`` narrows borrowers to those who are kept for this reason, given the
    moment from which on an end of business is too recent; ``words`` are the sentence of a refusal."""

    words: Any
    kept: Callable[[QuerySet[Borrower], dt.datetime], QuerySet[Borrower]]


keepers: dict[str, Keeper] = {}
sections: dict[str, Section] = {}
change_checks: list[Check] = []
change_listeners: list[Listener] = []
Forgetter = Callable[["Borrower", Actor], Mapping[str, int]]
forgetters: list[Forgetter] = []


def show(section: Section) -> None:
    """Add a section to the borrower's page."""
    sections[section.name] = section


def keep(name: str, keeper: Keeper) -> None:
    """Add a reason to keep borrowers."""
    keepers[name] = keeper


def on_forgetting(forgetter: Forgetter) -> None:
    """Be called inside the act that forgets a borrower, before its keys go; what is counted goes on record with it."""
    if forgetter not in forgetters:
        forgetters.append(forgetter)


def give_reasons(reasons: Reasons) -> None:
    """Connect the catalogue of reasons."""
    Ports.reasons = staticmethod(reasons)


def on_change(*, check: Check | None = None, tell: Listener | None = None) -> None:
    """Be asked before a business or its people change (sentences refuse the change), or told after, in the same act."""
    if check is not None and check not in change_checks:
        change_checks.append(check)
    if tell is not None and tell not in change_listeners:
        change_listeners.append(tell)

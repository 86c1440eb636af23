"""The open act: what the running service has written and not yet recorded, kept true when savepoints roll back.

Every write and every event is a *step*, and a step is also an ``on_commit`` hook. Django drops the hooks of a savepoint
that rolls back, so the surviving hooks are exactly the surviving steps, however savepoints were made or nested.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from apps.audit.touched import Op, Touched
from apps.core.actor import Actor


class OutsideAct(RuntimeError):
    """``record()`` was called where no act is open: its event could commit without the change it speaks of."""


class Unrecorded(RuntimeError):
    """An act ended with governed rows written after its last event."""


@dataclasses.dataclass(slots=True)
class Number:
    """An object's last running number and the digest of the event that holds it."""

    n: int
    digest: str


@dataclasses.dataclass(eq=False)
class Step:
    """A write (``wrote``), an event (``line`` for the journal and the ``numbers`` it took), or something done beside the
    database (``aside``), which the roll-back of its savepoint must undo.
    """

    act: OpenAct
    wrote: Touched | None = None
    line: str = ""
    numbers: dict[str, Number] = dataclasses.field(default_factory=dict)
    outcome: str = ""
    keyed: bool = False
    aside: bool = False

    def __call__(self) -> None:
        """Do nothing: that this hook is still there at the end says that its savepoint was not rolled back."""


@dataclasses.dataclass(eq=False)
class OpenAct:
    """State of the outermost act of this thread."""

    actor: Actor
    service: str
    thread: int = dataclasses.field(default_factory=threading.get_ident)
    steps: list[Step] = dataclasses.field(default_factory=list)
    pending: dict[str, Touched] = dataclasses.field(default_factory=dict)
    numbers: dict[str, Number] = dataclasses.field(default_factory=dict)
    lines: list[str] = dataclasses.field(default_factory=list)
    looks: list[tuple[Callable[[], Any], Step]] = dataclasses.field(default_factory=list)
    created: set[str] = dataclasses.field(default_factory=set)
    undo: list[tuple[Callable[[], Any], Step]] = dataclasses.field(default_factory=list)
    keyed: bool = False
    committed: bool = False
    _connection: Any = dataclasses.field(default_factory=lambda: connections[DEFAULT_DB_ALIAS])
    _hooks: Any = None

    def __post_init__(self) -> None:
        # with no step yet there is nothing to settle, however many hooks a transaction around the act holds
        self._hooks = self._connection.run_on_commit

    def add(self, step: Step) -> None:
        """Take a step."""
        self.settle()
        self._connection.on_commit(step)
        self._hooks = self._connection.run_on_commit
        self._apply(step)

    def lost_looks(self) -> list[Callable[[], Any]]:
        """Return how to write again the looks that a savepoint has undone."""
        return [look for look, step in self.looks if step not in self.steps]

    def undone(self) -> list[Callable[[], Any]]:
        """Return how to undo what was done beside the database: all of it, or after a commit what savepoints undid."""
        return [undo for undo, step in self.undo if not self.committed or step not in self.steps]

    def settle(self) -> None:
        """Forget the steps of savepoints that have rolled back since; Django replaces its list of hooks then."""
        hooks = self._connection.run_on_commit
        if hooks is self._hooks:
            return
        self._hooks = hooks
        surviving = [hook[1] for hook in hooks if isinstance(hook[1], Step) and hook[1].act is self]
        self.steps, self.pending, self.numbers, self.keyed = [], {}, {}, False
        for step in surviving:
            self._apply(step)

    def _apply(self, step: Step) -> None:
        self.steps.append(step)
        if step.wrote is not None:
            known = self.pending.get(step.wrote.key)
            if step.wrote.op is Op.CREATE:
                self.created.add(step.wrote.key)
            self.pending[step.wrote.key] = known.then(step.wrote) if known else step.wrote
        elif step.keyed:
            self.keyed = True
        elif step.aside:
            pass
        else:
            self.numbers.update(step.numbers)
            self.pending.clear()


_open: ContextVar[OpenAct | None] = ContextVar("open_act", default=None)


def current() -> OpenAct | None:
    """Return the act open in this thread; a copied context in another thread has another connection, hence none."""
    act = _open.get()
    return act if act is not None and act.thread == threading.get_ident() else None


def if_undone(undo: Callable[[], Any]) -> None:
    """Have ``undo`` called if what the open act does here is rolled back; outside an act nothing can be."""
    act = current()
    if act is not None:
        step = Step(act, aside=True)
        act.add(step)
        act.undo.append((undo, step))


def required() -> OpenAct:
    """Return the open act or raise ``OutsideAct``."""
    act = current()
    if act is None:
        raise OutsideAct("record() stands outside act(): open one around the change it speaks of")
    act.settle()
    return act


def enter(act: OpenAct | None) -> Any:
    """Make an act the open one; returns the token that ``leave`` takes."""
    return _open.set(act)


def leave(token: Any) -> None:
    """Restore what was open before."""
    _open.reset(token)

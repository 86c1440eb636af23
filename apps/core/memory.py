"""Remembers answers while one page is read, so that ten buttons do not ask the same question ten times.

Only inside ``remembering()``: the middleware opens it for requests that only read, and the list of what a case still lacks,
which is for show, opens it for itself. Everywhere else each question is asked anew, under its lock: a decision to write never
rests on what was true a moment ago. Nothing is remembered beyond the request.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Hashable, Iterator
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar

from django.db.models import Model

Params = ParamSpec("Params")
Result = TypeVar("Result")
_known: ContextVar[dict[Hashable, Any] | None] = ContextVar("known_while_reading", default=None)


@contextlib.contextmanager
def remembering() -> Iterator[None]:
    """Remember answers until the block ends; a block inside another shares its memory."""
    if _known.get() is not None:
        yield
        return
    token = _known.set({})
    try:
        yield
    finally:
        _known.reset(token)


def remembered(question: Callable[Params, Result]) -> Callable[Params, Result]:
    """Let a question with rows, numbers and words as its arguments be remembered."""

    @functools.wraps(question)
    def asked(*args: Params.args, **kwargs: Params.kwargs) -> Result:
        known = _known.get()
        if known is None or kwargs:
            return question(*args, **kwargs)
        key = (question.__module__, question.__qualname__, *map(_name, args))
        if key not in known:
            known[key] = question(*args, **kwargs)
        return known[key]  # type: ignore[no-any-return]

    return asked


def _name(argument: object) -> Hashable:
    return (argument._meta.label, argument.pk) if isinstance(argument, Model) else argument  # type: ignore[return-value]


def is_on() -> bool:
    """Tell whether answers are remembered now."""
    return _known.get() is not None


def kept(name: Hashable) -> Any:
    """What was kept under a name, or ``None``."""
    return (_known.get() or {}).get(name)


def keep(name: Hashable, value: Any) -> None:
    """Keep something until the block ends; outside one it is let go at once."""
    known = _known.get()
    if known is not None:
        known[name] = value

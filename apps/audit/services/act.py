"""The act: one service, one transaction, one account of it.

``@act`` on a service (which then takes a keyword-only ``actor``) or ``with act(actor=…)`` in a script. The outermost act
opens a durable transaction; an inner one joins it behind a savepoint, so that whoever catches its exception finds nothing
written by halves. Three things outlive a roll-back, each in a transaction of its own: the refusal, the failure of a
service marked ``record_failures``, and the looks taken on the way.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, ParamSpec, TypeVar, overload

from django.db import transaction

from apps.audit import acts, outcomes
from apps.audit.acts import OpenAct
from apps.audit.transactions import committed
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused

Params = ParamSpec("Params")
Result = TypeVar("Result")


class Act:
    """What ``act(…)`` returns: a decorator, and a context manager when it knows its actor."""

    def __init__(self, *, actor: Actor | None, tag: str, record_failures: bool, commits_refusals: bool) -> None:
        self.actor, self.tag = actor, tag
        self.record_failures, self.commits_refusals = record_failures, commits_refusals
        self._running: list[AbstractContextManager[OpenAct]] = []

    def __call__(self, service: Callable[Params, Result]) -> Callable[Params, Result]:
        """Wrap a service."""
        parameter = inspect.signature(service).parameters.get("actor")
        if parameter is None or parameter.kind is not parameter.KEYWORD_ONLY:
            raise TypeError(f"{service.__qualname__} must take a keyword-only actor")
        tag = self.tag or service_name(service)

        @functools.wraps(service)
        def acting(*args: Params.args, **kwargs: Params.kwargs) -> Result:
            actor = kwargs["actor"]
            if not isinstance(actor, Actor):
                raise TypeError(f"{service.__qualname__} takes an Actor, not {type(actor).__name__}")
            with self._opened(actor, tag):
                return service(*args, **kwargs)

        return acting

    def __enter__(self) -> OpenAct:
        if self.actor is None:
            raise TypeError("as a context manager act() must be given its actor")
        running = self._opened(self.actor, self.tag or "act")
        opened = running.__enter__()
        self._running.append(running)
        return opened

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return self._running.pop().__exit__(kind, raised, trace)

    def _opened(self, actor: Actor, tag: str) -> AbstractContextManager[OpenAct]:
        joined = acts.current()
        if joined is None:
            return _outermost(OpenAct(actor, tag), self)
        if self.commits_refusals:
            raise RuntimeError(f"{tag} commits its refusals, so it cannot run inside another act that may roll back")
        return _joined(joined)


@overload
def act(service: Callable[Params, Result]) -> Callable[Params, Result]: ...
@overload
def act(
    *, actor: Actor | None = None, tag: str = "", record_failures: bool = False, commits_refusals: bool = False
) -> Act: ...
def act(
    service: Callable[..., Any] | None = None,
    *,
    actor: Actor | None = None,
    tag: str = "",
    record_failures: bool = False,
    commits_refusals: bool = False,
) -> Any:
    """Open an act, or join the open one.

    ``tag`` names the refusal's action where the refusal names none (default: app and service, ``approval.memo_sign``).
    ``record_failures`` writes an event with the outcome ``failed`` when anything but a refusal is raised.
    ``commits_refusals`` is for checks that must leave their mark when they refuse (factor checks, lock-outs, spent
    nonces): what was written commits together with the refusal, then the refusal is raised. Never inside another act.
    """
    opener = Act(actor=actor, tag=str(tag), record_failures=record_failures, commits_refusals=commits_refusals)
    return opener if service is None else opener(service)


def service_name(service: Callable[..., Any]) -> str:
    """Name of a service in the log: ``apps.approval.services.memo_sign`` is ``approval.memo_sign``."""
    parts = service.__module__.split(".")
    return f"{parts[1] if parts[0] == 'apps' and len(parts) > 1 else parts[-1]}.{service.__name__}"


@contextlib.contextmanager
def _joined(opened: OpenAct) -> Iterator[OpenAct]:
    with transaction.atomic():
        yield opened


@contextlib.contextmanager
def _outermost(opened: OpenAct, options: Act) -> Iterator[OpenAct]:
    kept: Refused | None = None
    try:
        with clock.one_zone(), committed(opened):
            try:
                yield opened
            except Refused as refusal:
                if not options.commits_refusals:
                    raise
                kept = refusal
                outcomes.keep_refusal(opened, refusal)
    except Exception as raised:
        outcomes.after_roll_back(opened, raised, record_failures=options.record_failures)
        raise
    if kept is not None:
        raise kept

"""What upper floors tell accounts; they fill the ports in ``AppConfig.ready()``."""

from __future__ import annotations

from collections.abc import Callable, Iterable


def always(_account_id: int) -> bool:
    """Answer of the port that nobody has filled: every account holds something."""
    return True


def no_roles(_person_id: int) -> frozenset[str]:
    """Answer of the port that nobody has filled: no role."""
    return frozenset()


def untold(_people: Iterable[int], _kind: str) -> None:
    """Answer of the port that nobody has filled: nobody is told."""


def unwatched() -> set[int]:
    """Answer of the port that nobody has filled: nobody watches."""
    return set()


class Ports:
    """``holds``: whether an account of the portal acts for a business, so that a mailbox alone may not open it.

    ``roles``: names of the roles that a person holds now, some of which need a passkey. ``tell`` puts a line of a kind
    under the bells of persons; ``watchers`` are those who may suspend an account.
    """

    holds: Callable[[int], bool] = staticmethod(always)
    roles: Callable[[int], frozenset[str]] = staticmethod(no_roles)
    tell: Callable[[Iterable[int], str], None] = staticmethod(untold)
    watchers: Callable[[], set[int]] = staticmethod(unwatched)


def fill(*, holds: Callable[[int], bool]) -> None:
    """Connect the port; the borrowers app calls it once."""
    Ports.holds = staticmethod(holds)

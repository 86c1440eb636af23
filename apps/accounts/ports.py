"""What upper floors tell accounts; they fill the ports in ``AppConfig.ready()``."""

from __future__ import annotations

from collections.abc import Callable


def always(_account_id: int) -> bool:
    """Answer of the port that nobody has filled: every account holds something."""
    return True


def no_roles(_person_id: int) -> frozenset[str]:
    """Answer of the port that nobody has filled: no role."""
    return frozenset()


class Ports:
    """``holds``: whether an account of the portal acts for a business, so that a mailbox alone may not open it.

    ``roles``: names of the roles that a person holds now, some of which need a passkey.
    """

    holds: Callable[[int], bool] = staticmethod(always)
    roles: Callable[[int], frozenset[str]] = staticmethod(no_roles)


def fill(*, holds: Callable[[int], bool]) -> None:
    """Connect the port; the borrowers app calls it once."""
    Ports.holds = staticmethod(holds)

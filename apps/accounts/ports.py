"""What upper floors tell accounts; they fill the ports in ``AppConfig.ready()``."""

from __future__ import annotations

from collections.abc import Callable


def always(_account_id: int) -> bool:
    """Answer of the port that nobody has filled: every account holds something."""
    return True


class Ports:
    """``holds``: whether an account of the portal acts for a business, so that a mailbox alone may not open it."""

    holds: Callable[[int], bool] = staticmethod(always)


def fill(*, holds: Callable[[int], bool]) -> None:
    """Connect the port; the borrowers app calls it once."""
    Ports.holds = staticmethod(holds)

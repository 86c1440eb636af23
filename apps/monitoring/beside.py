"""Threads that a task worker runs beside its tasks: each does one thing over and over until it is told to stop."""

from __future__ import annotations

import threading

from django.db import connection


class Beside(threading.Thread):
    """Does ``work`` at every ``interval`` and gives the connection back each time: between two turns it needs none."""

    at_once = False
    """Whether the first turn comes before the first interval."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self.stopped = threading.Event()

    def interval(self) -> float:
        """Seconds between two turns, asked for each time."""
        raise NotImplementedError

    def work(self) -> None:
        """Do it once; what fails is logged and left to the next turn."""
        raise NotImplementedError

    def turn(self) -> None:
        """Work once, and give the connection back."""
        try:
            self.work()
        finally:
            connection.close()

    def run(self) -> None:
        """Take turns until told to stop."""
        if self.at_once:
            self.turn()
        while not self.stopped.wait(self.interval()):
            self.turn()

    def stop(self) -> None:
        """End after the turn under way."""
        self.stopped.set()

"""Rounds of a task worker: every minute it sends released orders that a dead worker left lying, every quarter of an hour
it does what time does to cases.
"""

import logging

from django.db import DatabaseError

from apps.core.actor import Actor
from apps.core.errors import LoanFlowError
from apps.disbursement.services.sending import orders_resend
from apps.monitoring.beside import Beside
from apps.monitoring.clockwork import clock_actor, clock_round

INTERVAL = 60  # seconds between two rounds
CLOCK_EVERY = 15  # rounds

logger = logging.getLogger(__name__)


class Rounds(Beside):
    """Goes round until it is told to stop; several workers may: the order's lease and the case's lock let one act."""

    def __init__(self) -> None:
        super().__init__("rounds")
        self.gone = 0

    def interval(self) -> float:
        """A minute: a worker that has just started leaves the first one to its tasks."""
        return INTERVAL

    def work(self) -> None:
        """Go round once; what fails is tried again at the next round."""
        try:
            self.send()
            if self.gone % CLOCK_EVERY == 0:
                clock_round(clock_actor(channel="task"))
        finally:
            self.gone += 1

    def send(self) -> None:
        """Send orders left lying."""
        try:
            for order, problem in orders_resend(actor=Actor.system("payments", channel="task")):
                logger.warning("order %s was left lying: %s", order.end_to_end_id, problem or "sent")
        except (DatabaseError, LoanFlowError):
            logger.exception("round left out")

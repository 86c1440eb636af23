"""The heartbeat of task workers: each writes a row every few seconds, whether it is busy or idle."""

import datetime as dt
import logging

from django.db import DatabaseError
from django.utils import timezone

from apps.monitoring.beside import Beside
from apps.monitoring.models import WorkerBeat

INTERVAL = 15  # seconds between two beats
ALIVE = dt.timedelta(seconds=4 * INTERVAL)
FORGOTTEN = dt.timedelta(days=1)

logger = logging.getLogger(__name__)


def beat(worker: str) -> None:
    """Say that a worker is alive, and drop the rows of workers long gone."""
    now = timezone.now()  # wall time: a simulated clock must not make a worker look dead
    WorkerBeat.objects.update_or_create(worker=worker, defaults={"at": now})
    WorkerBeat.objects.filter(at__lt=now - FORGOTTEN).delete()


def any_alive() -> bool:
    """Say whether some worker has given a sign of life lately."""
    return WorkerBeat.objects.filter(at__gte=timezone.now() - ALIVE).exists()


class Heart(Beside):
    """Beats for a worker until it is told to stop; a beat that the database cannot take is logged and left out."""

    at_once = True

    def __init__(self, worker: str) -> None:
        super().__init__("heart")
        self.worker = worker

    def interval(self) -> float:
        """A quarter of a minute."""
        return INTERVAL

    def work(self) -> None:
        """Beat."""
        try:
            beat(self.worker)
        except DatabaseError:
            logger.warning("heartbeat left out")

"""The streamer of a task worker: sends sealed events on, beside everything else, so that a dead receiver holds nobody up."""

import datetime as dt
import logging

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from apps.audit.models import AuditHead, AuditStream
from apps.audit.services.streaming import log_stream
from apps.audit.stream.destination import destination
from apps.core.actor import Actor
from apps.core.errors import LoanFlowError
from apps.monitoring.beside import Beside

PATIENCE = dt.timedelta(minutes=15)

logger = logging.getLogger(__name__)


class Streamer(Beside):
    """Streams until it is told to stop; several workers may: a lease lets one at a time."""

    def __init__(self) -> None:
        super().__init__("streamer")
        self.to = destination()

    def interval(self) -> float:
        """That of the sealer."""
        return float(settings.LOANFLOW_SEAL_INTERVAL)

    def run(self) -> None:
        """Take turns; end at once where there is no receiver."""
        if self.to is not None:
            super().run()

    def work(self) -> None:
        """Send what is due; what fails is tried again."""
        if self.to is None:
            return
        try:
            log_stream(actor=Actor.system("streamer", channel="task"), to=self.to)
        except (DatabaseError, LoanFlowError):
            logger.warning("streaming left out", exc_info=True)
        except Exception:  # the thread goes on whatever happens: nobody else streams
            logger.exception("streaming failed")


def streaming_on_time() -> bool:
    """See that nothing sealed has waited for the receiver, nor been refused by it, for a quarter of an hour; none set is well.

    The cursor is a row that the application may write: one beyond the newest head, which would send nothing, is unwell.
    """
    to = destination()
    if to is None:
        return True
    before = timezone.now() - PATIENCE
    stream = AuditStream.objects.filter(pk=to.name).first() or AuditStream(name=to.name)
    if stream.failing_since is not None and stream.failing_since < before:
        return False
    if stream.leaf and not AuditHead.objects.filter(pk__gte=stream.leaf).exists():
        return False
    return not AuditHead.objects.filter(pk__gt=stream.leaf, at__lt=before).exists()

"""The streamer of a task worker: sends sealed events on, beside everything else, so that a dead receiver holds nobody up."""

import datetime as dt
import logging
import threading

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from apps.audit.models import AuditHead, AuditStream
from apps.audit.services.streaming import log_stream
from apps.audit.stream.destination import Destination, destination
from apps.core.actor import Actor
from apps.core.errors import LoanFlowError

PATIENCE = dt.timedelta(minutes=15)

logger = logging.getLogger(__name__)


class Streamer(threading.Thread):
    """Streams until it is told to stop; several workers may: a lease lets one at a time."""

    def __init__(self) -> None:
        super().__init__(name="streamer", daemon=True)
        self.stopped = threading.Event()

    def run(self) -> None:
        """Send at every interval of the sealer; ends at once where there is no receiver."""
        to = destination()
        while to is not None and not self.stopped.wait(float(settings.LOANFLOW_SEAL_INTERVAL)):
            self.stream_once(to)

    def stream_once(self, to: Destination) -> None:
        """Send what is due and give the connection back; what fails is tried again."""
        try:
            log_stream(actor=Actor.system("streamer", channel="task"), to=to)
        except (DatabaseError, LoanFlowError):
            logger.warning("streaming left out", exc_info=True)
        except Exception:  # the thread goes on whatever happens: nobody else streams
            logger.exception("streaming failed")
        finally:
            connection.close()

    def stop(self) -> None:
        """End after the batch under way."""
        self.stopped.set()


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

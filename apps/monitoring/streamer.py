"""The streamer of a task worker: sends sealed events on, beside everything else, so that a dead receiver holds nobody up."""

import datetime as dt
import logging
import threading

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from apps.audit.models import AuditStream
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
    """See that the receiver has not refused events for a quarter of an hour; none set is well."""
    to = destination()
    late = AuditStream.objects.filter(failing_since__lt=timezone.now() - PATIENCE)
    return to is None or not late.filter(pk=to.name).exists()

"""Messages that could not be sent are made and sent again in the background. The task table holds ids only."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable

from django.utils import timezone
from django_tasks import task

logger = logging.getLogger(__name__)

Renewal = Callable[[int, str, int], None]
RENEWALS: dict[str, Renewal] = {}  # by template; filled in ``AccountsConfig.ready()``
PAUSES = tuple(dt.timedelta(minutes=each) for each in (1, 5, 15, 60, 240))


@task()
def send_again(template: str, row_id: int, site: str, attempt: int) -> None:
    """Make a message anew from the row that it was made of, if it is still wanted, and send it."""
    RENEWALS[template](row_id, site, attempt)


def send_again_later(template: str, row_id: int, site: str, attempt: int) -> None:
    """Enqueue the next attempt; after the last one somebody has to be told."""
    if attempt >= len(PAUSES):
        logger.error("message %s of row %s was given up after %s attempts", template, row_id, attempt)
        return
    send_again.using(run_after=timezone.now() + PAUSES[attempt]).enqueue(template, row_id, site, attempt + 1)

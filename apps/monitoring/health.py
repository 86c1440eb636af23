"""What must hold for this installation to do its work, each as a probe that raises or says no."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.db import connection

from apps.audit.cosigners import are_late
from apps.audit.hosttime import clock_offset, is_alarming
from apps.audit.journal import ensure_writable
from apps.audit.mac import mac_key
from apps.audit.overview import LATE, sealing
from apps.audit.reconciled import last_reconciled
from apps.audit.timestamps import stamped
from apps.monitoring.beats import any_alive
from apps.monitoring.streamer import streaming_on_time
from apps.vault.keyservice.current import key_service

logger = logging.getLogger(__name__)


def database_answers() -> bool:
    """Ask the database for one row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def keys_open() -> bool:
    """Wrap and unwrap a value that nobody needs."""
    service = key_service()
    return service.unwrap(service.wrap(b"health", b"health")) == b"health"


def journal_writable() -> bool:
    """See that the next act could leave its line beside the database."""
    ensure_writable(mac_key().id)
    return True


def sealing_on_time() -> bool:
    """See that no event of the log has waited for its seal for more than ten intervals."""
    return not sealing().is_late


def witnesses_agree() -> bool:
    """See that no witness of the settings has left a head without its word for more than ten intervals."""
    return not are_late(LATE * float(settings.LOANFLOW_SEAL_INTERVAL))


def timestamped_on_time() -> bool:
    """See that no head has waited for hours for its time-stamp; well where no authority is set."""
    found = stamped()
    return found is None or not found.is_late


def clock_right() -> bool:
    """See that this host's clock is not known to be more than a second off."""
    return not is_alarming(clock_offset())


def rows_as_told() -> bool:
    """See that the last comparison of business rows with the log found none that differs; none yet is well."""
    last = last_reconciled()
    return last is None or last.count == 0


PROBES: dict[str, Callable[[], bool]] = {
    "database": database_answers,
    "keys": keys_open,
    "journal": journal_writable,
    "worker": any_alive,
    "sealing": sealing_on_time,
    "witnesses": witnesses_agree,
    "timestamps": timestamped_on_time,
    "clock": clock_right,
    "rows": rows_as_told,
    "stream": streaming_on_time,
}


def health() -> dict[str, bool]:
    """Return which parts work. Every probe runs, whatever the others say."""
    return {name: works(name, probe) for name, probe in PROBES.items()}


def works(name: str, probe: Callable[[], bool]) -> bool:
    """Say whether a probe succeeds; log what it raises, which the answer does not show."""
    try:
        return probe()
    except Exception:  # a probe's failure, of whatever kind, is its answer
        logger.exception("probe failed: %s", name)
        return False

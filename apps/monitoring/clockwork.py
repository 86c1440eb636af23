"""What time does to cases, job by job: each may be run at any moment and as often as one likes, and each fails alone."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from apps.access.services.terms import rights_lapse, rights_warn
from apps.accounts.drafts import drafts_expire
from apps.applications.services.uploading import uploads_expire
from apps.approval.services import memos_refresh, offers_lapse
from apps.audit.services.agreeing import clears_lapse
from apps.audit.services.exports import exports_expire
from apps.core.actor import Actor
from apps.core.rounds import rounds
from apps.disbursement.services.following import conditions_remind
from apps.monitoring.reconciling import rows_compare
from apps.workflow.services import cases_expire, cases_warn, reminders_send
from apps.workflow.services.mailing import notices_mail

Job = Callable[[Actor], int]
JOBS: dict[str, Job] = {
    "offers lapsed": offers_lapse,
    "memos frozen anew": memos_refresh,
    "cases warned": cases_warn,
    "cases expired": cases_expire,
    "reminders sent": reminders_send,
    "conditions followed": conditions_remind,
    "notices mailed": notices_mail,
    "drafts forgotten": drafts_expire,
    "uploads given up": uploads_expire,
    "exports deleted": exports_expire,
    "exports in clear lapsed": clears_lapse,
    "roles announced to end": rights_warn,
    "roles ended by their term": rights_lapse,
    "rows that differ": rows_compare,
}
"""Words for the job's count → the job."""

logger = logging.getLogger(__name__)


def clock_actor(channel: str = "command") -> Actor:
    """The system actor under which time acts."""
    return Actor.system("clock", channel=channel)


def clock_round(actor: Actor, jobs: Mapping[str, Job] | None = None) -> dict[str, int | None]:
    """Run every job once; returns what each did, ``None`` for one that failed (its failure is in the log)."""
    return {name: _alone(name, job, actor) for name, job in ({**JOBS, **rounds} if jobs is None else jobs).items()}


def _alone(name: str, job: Job, actor: Actor) -> int | None:
    try:
        return job(actor)
    except Exception:  # of whatever kind: the other jobs are not to blame
        logger.exception("job of the clock failed: %s", name)
        return None

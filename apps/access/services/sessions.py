"""Sessions of others, ended by whoever may suspend: of one colleague, or of everybody when something has happened."""

from __future__ import annotations

from apps.access.services.people import may_manage
from apps.accounts.models import Account
from apps.accounts.services.sessions import sessions_end_of_all, sessions_end_of_person
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core.actor import Actor
from apps.core.permissions import Permission

REASON = "ended_by_officer"


@act
def staff_sessions_end(*, actor: Actor, account: Account) -> int:
    """End a colleague's open sessions, for whoever may suspend; the account stays. Returns how many ended."""
    may_manage(actor, Permission.PEOPLE_SUSPEND, account)
    return sessions_end_of_person(actor=actor, person=account.person, reason=REASON)


@act
def everybodys_sessions_end(*, actor: Actor) -> int:
    """End the open sessions of staff and borrowers but the one that asks; returns how many ended.

    That it was done is one event with their number, also where none was open, beside one of each session.
    """
    may_manage(actor, Permission.PEOPLE_SUSPEND)
    count = sessions_end_of_all(actor=actor, reason=REASON, keep=actor.session)
    record(Tag.SESSIONS_ENDED, actor=actor, note={"count": count, "reason": REASON})
    return count

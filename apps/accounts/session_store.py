"""Sessions in the database, as Django keeps them; every request asks for one, so the question is spelled once a process."""

from __future__ import annotations

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import CharField, DateTimeField
from django.utils import timezone

from apps.core.prepared import Prepared

_LIVE: Prepared[Session] = Prepared(
    lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now)[:1],
    {"key": CharField(), "now": DateTimeField()},
)


class SessionStore(db.SessionStore):
    """Django's own store; it signs with a salt made of the class's name, which therefore is the same."""

    def _get_session_from_db(self) -> Session | None:
        """The session's row; a key that none has is let go."""
        found = _LIVE.first(key=self.session_key, now=timezone.now())
        if found is None:
            self._session_key = None
        return found

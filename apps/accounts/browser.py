"""The browser's side of signing in: what the server-side session holds between the steps. Keys change at each step.

``step`` holds an account that has proved its password (or its invitation) and nothing more; Django's own login keys and
``record`` stand in a session only once the second factor is proved.
"""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, login, update_session_auth_hash
from django.db.models import UUIDField
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme

from apps.accounts import rules, selectors
from apps.accounts.models import Account, SessionRecord
from apps.accounts.services import sessions
from apps.core import clock
from apps.core.actor import Actor, Factor
from apps.core.prepared import Prepared

STEP = "step"
RECORD = "record"
NEXT = "next"
LANGUAGE = "language"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def step_begin(request: HttpRequest, account: Account) -> None:
    """Note that an account has proved its first step; whatever session was there before is gone."""
    kept = _kept(request)
    request.session.flush()
    request.session[STEP] = {
        "account": account.pk, "at": clock.now().isoformat(), "password": account.get_session_auth_hash()
    }  # fmt: skip
    request.session.update(kept)


def step_account(request: HttpRequest) -> Account | None:
    """Account that is half-way in, if its first step is not too old and its password is the one of then."""
    held = request.session.get(STEP)
    if not held:
        return None
    begun = dt.datetime.fromisoformat(held["at"])
    if clock.now() - begun > rules.SIGNING_IN_LIFE:
        request.session.pop(STEP)
        return None
    account = selectors.account_by_id(held["account"])
    same = account is not None and constant_time_compare(held.get("password", ""), account.get_session_auth_hash())
    return account if same else None


def complete(request: HttpRequest, account: Account, factor: Factor, actor: Actor) -> SessionRecord:
    """Open the session of an account whose second factor was just proved."""
    kept = _kept(request)
    request.session.flush()
    login(request, account, backend=BACKEND)
    record = sessions.session_begin(actor=actor, account=account, factor=factor)
    request.session[RECORD] = record.uuid.hex
    request.session.update(kept)
    return record


def _kept(request: HttpRequest) -> dict[str, str]:
    """What a stranger's session hands on to the one after it."""
    return {name: str(request.session[name]) for name in (NEXT, LANGUAGE) if request.session.get(name)}


def language_chosen(request: HttpRequest, code: str) -> None:
    """Keep the language that somebody who is not signed in has asked for: signing in does not take it away."""
    request.session[LANGUAGE] = code


def language_of(request: HttpRequest, account: Account) -> str:
    """Language of the pages after signing in: the one asked for on the way, else the account's own."""
    return str(request.session.get(LANGUAGE, "")) or account.person.language


_BY_UUID: Prepared[SessionRecord] = Prepared(
    lambda uuid: SessionRecord.objects.select_related("pulse", "account__person").filter(uuid=uuid)[:1],
    {"uuid": UUIDField()},
)


def session_record(request: HttpRequest) -> SessionRecord | None:
    """Record that the browser's session points to."""
    held = request.session.get(RECORD)
    if not held:
        return None
    return _BY_UUID.first(uuid=UUID(held))


def is_login_of(request: HttpRequest, account: Account) -> bool:
    """Tell whether Django's own login keys in the session name this account and its present password."""
    digest = str(request.session.get(HASH_SESSION_KEY, ""))
    same = request.session.get(SESSION_KEY) == str(account.pk)
    return same and constant_time_compare(digest, account.get_session_auth_hash())


def renew(request: HttpRequest) -> None:
    """Change the browser's key after a step-up or a new password."""
    request.session.cycle_key()


def keep_after_password(request: HttpRequest, account: Account) -> None:
    """Stay signed in here after a change of password; Django would end every session with the old one."""
    update_session_auth_hash(request, account)


def remember_next(request: HttpRequest, address: str) -> None:
    """Keep where the visitor wanted to go, if it is a page of ours."""
    if is_ours(request, address):
        request.session[NEXT] = address


def onward(request: HttpRequest, otherwise: str = "/") -> str:
    """Where to go after signing in; asked for once."""
    return safe(request, str(request.session.pop(NEXT, "")), otherwise)


def safe(request: HttpRequest, address: str, otherwise: str = "/") -> str:
    """Address if it is a page of ours, ``otherwise`` if not (open redirects)."""
    return address if is_ours(request, address) else otherwise


def is_ours(request: HttpRequest, address: str) -> bool:
    """Tell whether an address is a path on this site."""
    own = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return bool(address) and address.startswith("/") and own

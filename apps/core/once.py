"""A form that was sent twice is done once: by two clicks without a script, by a browser that tries again, by a page sent anew.

Forms that carry a version need none of this: the second finds another version. For the others a page carries a mark of its
own; what is sent with it is claimed before the service runs. Where claims lie is a port that accounts fills.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import uuid
from collections.abc import Iterator
from typing import Any, Protocol

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.core.actor import Actor
from apps.core.errors import Refused

FIELD = "form_once"
MARK = re.compile(r"[0-9a-f]{32}")
APART = {
    "csrfmiddlewaretoken",
    "one_time_code",
    "passkey_challenge",
    "passkey_answer",
    "draft_version",
    "draft_basis",
    "form_seen",
}
"""What may differ between two sendings of the same thing."""


class SentAlready(Refused):
    """The same form with the same content was sent before; ``url`` is where it led, ``""`` while nobody knows."""

    status = 409

    def __init__(self, url: str) -> None:
        words = _(
            "This form was sent a moment ago and no answer was kept. Look whether it arrived before you send another one."
        )
        super().__init__("once", words)
        self.url = url


class Claims(Protocol):
    """Where claims lie: one for an account and what it sent."""

    def claim(self, actor: Actor, key: str) -> str | None:
        """Claim what is sent; ``None`` for the first, else where the first led to (``""``: not known)."""

    def known(self, actor: Actor, key: str) -> str | None:
        """Return where it led, if it was claimed."""

    def done(self, actor: Actor, key: str, url: str) -> None:
        """Remember where it led."""

    def release(self, actor: Actor, key: str) -> None:
        """Let it be sent again: nothing was done."""


class Port:
    """The claims; ``None`` until accounts fills it."""

    claims: Claims | None = None


def mark_for(request: HttpRequest, form: forms.Form) -> str:
    """Mark that the page of a form carries; one that came back with errors keeps its own."""
    if "version" in form.fields:
        return ""
    given = request.POST.get(FIELD, "")
    return given if MARK.fullmatch(given) else fresh()


def fresh() -> str:
    """A new mark."""
    return uuid.uuid4().hex


class Sending:
    """What is being sent; its view says where it led."""

    url = ""


def refuse_second(request: HttpRequest, form: forms.Form) -> None:
    """Raise ``SentAlready`` for what is known already, before its form is judged by what the first has changed."""
    claimed = _claim_of(request, form)
    first = claimed[0].known(*claimed[1:]) if claimed else None
    if first is not None:
        raise SentAlready(first)


@contextlib.contextmanager
def only(request: HttpRequest, form: forms.Form) -> Iterator[Sending]:
    """Let what is sent pass once; raises ``SentAlready`` for the second. Whatever fails inside may be sent again."""
    claimed, sending = _claim_of(request, form), Sending()
    if claimed is None:
        yield sending
        return
    claims, actor, key = claimed
    first = claims.claim(actor, key)
    if first is not None:
        raise SentAlready(first)
    try:
        yield sending
    except BaseException:
        claims.release(actor, key)
        raise
    claims.done(actor, key, sending.url)


def _claim_of(request: HttpRequest, form: forms.Form) -> tuple[Claims, Actor, str] | None:
    """Whose claim a request makes; ``None`` where it makes none."""
    actor: Actor | None = getattr(request, "actor", None)
    marked = "version" not in form.fields and MARK.fullmatch(request.POST.get(FIELD, ""))
    if Port.claims is None or actor is None or actor.account_id is None or not marked:
        return None
    return Port.claims, actor, key_of(request)


def key_of(request: HttpRequest) -> str:
    """Digest of an address and everything that was sent to it: another content of the same page is another sending."""
    typed: list[Any] = sorted((name, values) for name, values in request.POST.lists() if name not in APART)
    files = sorted((name, [(one.name, one.size) for one in given]) for name, given in request.FILES.lists())
    return hashlib.sha256(json.dumps([request.path, typed, files]).encode()).hexdigest()

"""Asks for a one-time code in place when a signed act is sent with a factor older than five minutes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse

from apps.access.gate import brings_factor, step_up
from apps.accounts.passkeys.asking import ANSWER

View = Callable[..., HttpResponse]


def confirmed(view: View) -> View:
    """Ask for a code, with everything typed kept, unless the factor is fresh or came with the form; reading needs none.

    A factor that comes with a form is proved by the gate, before the view runs.
    """
    return _asking(view)


def confirmed_or_signed(view: View) -> View:
    """The same where the form may bring what a passkey has signed over the decision itself: the service proves that."""
    return _asking(view, ANSWER)


def _asking(view: View, *fields: str) -> View:
    @functools.wraps(view)
    def asking(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        lacks = request.method == "POST" and not (
            brings_factor(request) or any(request.POST.get(field) for field in fields)
        )
        asked = step_up(request) if lacks else None
        return view(request, *args, **kwargs) if asked is None else asked

    return asking

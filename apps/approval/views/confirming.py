"""Asks for a one-time code in place when a signed act is sent with a factor older than five minutes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse

from apps.access.gate import step_up

View = Callable[..., HttpResponse]


def confirmed(view: View) -> View:
    """Prove a code that comes with the form, or ask for one with everything typed kept; reading needs none."""

    @functools.wraps(view)
    def asking(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = step_up(request) if request.method == "POST" else None
        return view(request, *args, **kwargs) if asked is None else asked

    return asking

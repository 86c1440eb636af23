"""What the first pages of everybody show: announcements. Asked for only where a page draws them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from apps.portal.announcements import shown_to


def announcements(request: HttpRequest) -> dict[str, Any]:
    """Context processor: ``announcements`` for the reader now."""
    return {"announcements": SimpleLazyObject(lambda: shown_to(getattr(request, "actor", None)))}

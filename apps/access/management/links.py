"""Links of invitations as commands print them."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from apps.accounts.services.people import Invited


def link_of(invited: Invited, site: str) -> str:
    """Address that opens an invitation on this site."""
    path = reverse("accounts:invitation", args=[invited.token])
    return f"{site.rstrip('/')}{path}"


def default_site() -> str:
    """Address of this installation as far as the settings know it."""
    origins = list(settings.CSRF_TRUSTED_ORIGINS)
    return str(origins[0]) if origins else "http://127.0.0.1:8000"

"""The language of pages: chosen by a click, whoever looks."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.views.i18n import set_language

from apps.accounts import browser
from apps.core.requires import public


@public
def language(request: HttpRequest) -> HttpResponseBase:
    """Show pages in the language asked for from here on; asked for before signing in, it stays for the session."""
    asked = request.POST.get("language", "")
    if request.session_record is None and asked in dict(settings.LANGUAGES):  # type: ignore[attr-defined]
        browser.language_chosen(request, asked)
    return set_language(request)

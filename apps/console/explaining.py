"""What is explained to everybody: the trade's words, on one page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.core.glossary import TERMS
from apps.core.requires import signed_in


@signed_in
@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    """Every word of the glossary, in the order of the reader's language."""
    terms = sorted(TERMS.items(), key=lambda pair: str(pair[1].word).casefold())
    return render(request, "console/glossary.html", {"terms": terms})

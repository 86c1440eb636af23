"""Takes an uploaded scan: sniffed and sized before a service stores it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.applications.uploads.inspecting import inspect
from apps.core.errors import BadInput
from apps.disbursement.services.contracts import Paper


def paper_given(upload: Any) -> Paper:
    """The scan of a form's required file field."""
    paper = paper_of(upload)
    if paper is None:
        raise BadInput({"paper": [_("Choose the scanned page.")]})
    return paper


def paper_of(upload: Any) -> Paper | None:
    """The scan of a form's file field, or ``None`` where nothing was given; raises ``BadInput`` for what is no scan."""
    if upload is None:
        return None
    seen = inspect(upload, name=upload.name)
    upload.seek(0)
    return Paper(upload, seen.name, seen.content_type)

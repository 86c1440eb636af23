"""Looks at lists: one event for each page shown, with the names of the filters in use and never what was typed."""

from __future__ import annotations

import re
from typing import Any

from apps.audit.body import Purpose
from apps.audit.services import record_read
from apps.audit.tags import Tag

FILTER_NAME = re.compile(r"[a-z_]{1,20}\Z")
TASK = Purpose("task:list")


def list_seen(request: Any, tag: Tag, shown: int) -> None:
    """Record that a page of a list was shown, with how many rows; call it before the rows are drawn."""
    filters = sorted(name for name, value in request.GET.items() if value and FILTER_NAME.match(name))
    note = {"view": request.resolver_match.view_name, "shown": shown, **({"filters": filters} if filters else {})}
    record_read(tag, actor=request.actor, purpose=TASK, note=note)

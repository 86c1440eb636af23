"""The witnesses that the settings name, as the log sees them: which heads they have cosigned."""

from __future__ import annotations

import dataclasses
import datetime as dt
import urllib.parse

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Max
from django.utils import timezone

from apps.audit.models import AuditCosignature, AuditHead
from apps.audit.notes import COSIGNATURE, BadNote, Key


@dataclasses.dataclass(frozen=True, slots=True)
class WitnessPlace:
    """A witness's key and where it is asked."""

    key: Key
    url: str


@dataclasses.dataclass(frozen=True, slots=True)
class Witnessed:
    """How far a witness has cosigned: size of the newest head it vouches for (0: none) and when."""

    name: str
    size: int
    at: dt.datetime | None


def witnesses() -> list[WitnessPlace]:
    """Return the witnesses of ``LOANFLOW_WITNESSES`` (``KEY@URL``); raises ``ImproperlyConfigured``."""
    return [_place(text) for text in getattr(settings, "LOANFLOW_WITNESSES", ())]


def _place(text: str) -> WitnessPlace:
    encoded, _at, url = text.partition("@")
    try:
        key = Key.parsed(encoded)
    except BadNote as problem:
        raise ImproperlyConfigured(f"LOANFLOW_WITNESSES: {problem}.") from None
    if key.kind != COSIGNATURE or urllib.parse.urlsplit(url).scheme not in {"http", "https"}:
        raise ImproperlyConfigured(
            "LOANFLOW_WITNESSES holds KEY@URL with a witness's key and an http or https address."
        )
    return WitnessPlace(key, url.rstrip("/"))


def witnessed() -> list[Witnessed]:
    """Return how far each witness of the settings has cosigned; one query, none without witnesses."""
    names = [place.key.name for place in witnesses()]
    if not names:
        return []
    rows = AuditCosignature.objects.filter(witness__in=names).values_list("witness")
    newest = {name: (size, at) for name, size, at in rows.annotate(size=Max("head"), last=Max("at"))}
    return [Witnessed(name, *newest.get(name, (0, None))) for name in names]


def are_late(patience: float) -> bool:
    """Tell whether a head older than ``patience`` seconds is still without some witness's word."""
    sizes = [one.size for one in witnessed()]
    if not sizes:
        return False
    before = timezone.now() - dt.timedelta(seconds=patience)
    return AuditHead.objects.filter(pk__gt=min(sizes), at__lt=before).exists()

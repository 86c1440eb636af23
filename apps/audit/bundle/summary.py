"""The paper in a bundle: what it holds and proves, for people. It is sealed with the rest, and proves nothing by itself."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from apps.audit.bundle.choosing import Chosen, Stretch
from apps.audit.bundle.proving import Tally
from apps.audit.canonical import JSON
from apps.audit.heads import Head
from apps.audit.manifest import Order
from apps.audit.notes import parse
from apps.audit.tags import label_of
from apps.core import clock
from apps.core.pdf import render_pdf

TEMPLATE = "audit/bundle.typ"
MOST_OBJECTS = 200


def summary_pdf(
    order: Order,
    manifest: dict[str, Any],
    source: Stretch | Chosen,
    tally: Tally,
    objects: Sequence[Mapping[str, JSON]],
) -> bytes:
    """Set the summary in the requester's language."""
    with translation.override(order.language):
        data = _content(order, manifest, source, tally, objects)
    return render_pdf(TEMPLATE, data, order.language, made_at=clock.now())


def _content(
    order: Order,
    manifest: dict[str, Any],
    source: Stretch | Chosen,
    tally: Tally,
    objects: Sequence[Mapping[str, JSON]],
) -> dict[str, Any]:
    head = Head.parsed(parse(manifest["head"]).text)
    return {
        "title": _("Evidence from the audit log"),
        "institution": order.institution,
        "reference": head.origin,
        "footer": _("Verify with loanflow_verify.py: this paper alone proves nothing."),
        "pairs": _facts(order, manifest, head, tally),
        "claim": _claim(source),
        "actions_title": _("Events by action"),
        "heading": [_("Action"), _("Code"), _("Events")],
        "actions": [[str(label_of(code)), code, str(count)] for code, count in sorted(tally.actions.items())],
        "objects_title": _("Objects proved whole or in part"),
        "objects_heading": [_("Object"), _("First"), _("Last")],
        "objects": [[str(one["object"]), str(one["first"]), str(one["last"])] for one in objects[:MOST_OBJECTS]],
        "head_title": _("Signed head"),
        "head": manifest["head"],
    }


def _facts(order: Order, manifest: dict[str, Any], head: Head, tally: Tally) -> list[list[str]]:
    place = zoneinfo.ZoneInfo(order.zone)
    made = dt.datetime.fromisoformat(manifest["made_at"])
    asked, scope, sample = (_pairs(manifest.get(name, {})) for name in ("filter", "scope", "sample"))
    narrowed = [[_("Only within"), scope]] * bool(scope) + [[_("Only a sample"), sample]] * bool(sample)
    return [
        [_("Made for"), manifest["requester"]],
        [_("Purpose"), f"{order.purpose.code}: {order.purpose.text}"],
        [_("Asked for"), asked or (_("All events") if narrowed else _("The whole log"))],
        *narrowed,
        [_("Made at"), f"{made:%Y-%m-%d %H:%M:%S} UTC; {made.astimezone(place):%Y-%m-%d %H:%M:%S} {order.zone}"],
        [_("Events"), str(tally.rows)],
        [_("First and last number"), f"{tally.first} – {tally.last}"],
        [_("Events in the log"), str(head.size)],
        [
            _("Head signed at"),
            f"{head.at:%Y-%m-%d %H:%M:%S} UTC; {head.at.astimezone(place):%Y-%m-%d %H:%M:%S} {order.zone}",
        ],
    ]


def _pairs(told: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in told.items())


def _claim(source: Stretch | Chosen) -> str:
    if isinstance(source, Stretch):
        values = {"first": source.start + 1, "last": source.end}
        return _("The bundle holds every event from place %(first)s to place %(last)s of the log.") % values
    return _(
        "The bundle holds single events, each proved to be in the log; objects listed below are proved complete as said."
    )

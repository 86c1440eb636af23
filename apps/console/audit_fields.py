"""Columns in words, for the pages of the log: who reads what changed reads no code. The body of an event keeps the codes."""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateTimeField, DecimalField, Field, Model
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, pgettext

from apps.core import figures
from apps.workflow.states import State

SHORT = 40
OWN: dict[tuple[str, str], Any] = {
    ("access_delegation", "principal"): gettext_lazy("who hands over"),
    ("disbursement_paymentorder", "released_at"): gettext_lazy("payment released at"),
}
"""Columns whose plain name means something else in the words of the trade."""
STATES = frozenset({"came_from", "from_state", "to_state"})
"""Columns that keep a state of a case without choosing from the list of them."""
WORDS = (
    gettext_noop("added by"), gettext_noop("agreed at"), gettext_noop("allocation"), gettext_noop("answered at"),
    gettext_noop("approved at"), gettext_noop("approved by"), gettext_noop("asked at"), gettext_noop("attempts"),
    gettext_noop("author"), gettext_noop("author name"), gettext_noop("basis"), gettext_noop("by engagement"),
    gettext_noop("came from"), gettext_noop("changed at"), gettext_noop("changed by"), gettext_noop("checked at"),
    gettext_noop("checker"), gettext_noop("closed at"), gettext_noop("comments"), gettext_noop("conditions"),
    gettext_noop("confirmed at"), gettext_noop("conflicts"), gettext_noop("created at"), gettext_noop("created by"),
    gettext_noop("deadlines"), gettext_noop("decided at"), gettext_noop("decided by"), gettext_noop("declared by"),
    gettext_noop("decline level"), gettext_noop("differences"), gettext_noop("dissents"), gettext_noop("end reason"),
    gettext_noop("ended at"), gettext_noop("ended by"), gettext_noop("ended on"), gettext_noop("ends at"),
    gettext_noop("enrolled at"), gettext_noop("entries"), gettext_noop("expires at"), gettext_noop("explained at"),
    gettext_noop("explained by"), gettext_noop("file"), gettext_noop("file en"), gettext_noop("file zh"), gettext_noop("filed by"), gettext_noop("first at"),
    gettext_noop("form"), gettext_noop("found in"), gettext_noop("from state"), gettext_noop("frozen by"),
    gettext_noop("granted by"), gettext_noop("is active"), gettext_noop("is default"), gettext_noop("kept at"),
    gettext_noop("lapsed at"), gettext_noop("last used at"), gettext_noop("leased until"), gettext_noop("lifted at"),
    gettext_noop("lifted by"), gettext_noop("locked until"), gettext_noop("made by"), gettext_noop("mailed at"),
    gettext_noop("maker"), gettext_noop("manager"), gettext_noop("messages"), gettext_noop("most"),
    gettext_noop("needs second"), gettext_noop("netted on"), gettext_noop("on behalf of"), gettext_noop("opened by"),
    gettext_noop("ordered by"), gettext_noop("paid interest"), gettext_noop("paid principal"), gettext_noop("paper"), gettext_noop("parent"),
    gettext_noop("paused seconds"), gettext_noop("payee"), gettext_noop("placed by"), gettext_noop("position"),
    gettext_noop("problem"), gettext_noop("published by"), gettext_noop("reason codes"), gettext_noop("received by"),
    gettext_noop("rejected at"), gettext_noop("rejected why"), gettext_noop("release asked at"),
    gettext_noop("release asked by"), gettext_noop("released by"), gettext_noop("removed at"),
    gettext_noop("replaced at"), gettext_noop("reply to"), gettext_noop("repayment source"), gettext_noop("report"),
    gettext_noop("reviewed at"), gettext_noop("run by"), gettext_noop("seen at"), gettext_noop("sent at"),
    gettext_noop("set by"), gettext_noop("settled at"), gettext_noop("settled by"), gettext_noop("share"),
    gettext_noop("started at"), gettext_noop("started by"), gettext_noop("starts"), gettext_noop("stock"),
    gettext_noop("stopped at"), gettext_noop("stopped by"), gettext_noop("submitted at"),
    gettext_noop("superseded at"), gettext_noop("suspended at"), gettext_noop("time zone"),
    gettext_noop("title verified by"), gettext_noop("to person"), gettext_noop("to state"), gettext_noop("topic"),
    gettext_noop("uploaded by"), gettext_noop("used at"), gettext_noop("value on"), gettext_noop("verdict"),
    gettext_noop("verified at"), gettext_noop("verified by"), gettext_noop("warned at"), gettext_noop("withdrawn at"),
    gettext_noop("written"), gettext_noop("written by"), gettext_noop("year"),
)  # fmt: skip
"""Names that columns have by default: no page but these of the log says them."""


def name_words(key: str, name: str) -> str:
    """Say a column of an object (``table:key``) in the reader's language; what no table knows is said as it stands."""
    own = OWN.get((_table(key), name))
    field = _field(key, name)
    words = str(own or (field.verbose_name if field else name.replace("_", " ")))
    return _(words) if words else words


def value_words(key: str, name: str, value: Any) -> str:
    """Say a value of a column: a choice by its words, a moment in the time of the house, a number as numbers are written."""
    field = _field(key, name)
    if isinstance(value, str) and value and field is not None:
        return short(_of_text(field, value))
    return short(value if value != "" else None)


def parted(parts: Iterable[str]) -> str:
    """Part what may hold commas itself: ``a, b; c``."""
    return pgettext("between the parts of a sentence", "; ").join(parts)


def short(value: Any) -> str:
    """Say any value in a few words."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict) and "sha256" in value:
        return f"{str(value['sha256'])[:8]}…"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHORT else f"{text[: SHORT - 1]}…"


def _of_text(field: Field[Any, Any], value: str) -> str:
    """What a text of the log stands for; one that its column could not hold is said as it stands."""
    labels = dict(State.choices if field.name in STATES else field.flatchoices)
    if value in labels:
        return str(labels[value])
    try:
        if isinstance(field, DateTimeField) and (moment := parse_datetime(value)):
            aware = moment if timezone.is_aware(moment) else moment.replace(tzinfo=dt.UTC)
            return f"{timezone.localtime(aware):%Y-%m-%d %H:%M}"
        if isinstance(field, DecimalField) and (number := Decimal(value)).is_finite():
            return figures.number(number)
    except (ValueError, OverflowError, InvalidOperation):
        pass
    return value


def _field(key: str, name: str) -> Field[Any, Any] | None:
    model = _models().get(_table(key))
    try:
        found = model._meta.get_field(name) if model is not None else None
    except FieldDoesNotExist:
        return None
    return found if isinstance(found, Field) else None


def _table(key: str) -> str:
    return key.partition(":")[0]


@functools.cache
def _models() -> dict[str, type[Model]]:
    return {model._meta.db_table: model for model in apps.get_models()}

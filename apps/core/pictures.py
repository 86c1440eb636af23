"""What a form showed when it was opened. The page carries it, so that whoever was overtaken sees what is different now."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from apps.core import figures
from apps.core.checking import read_in
from apps.core.drafting import may_keep
from apps.core.text import parsed

FIELD = "form_seen"
BRIEF = 120
"""Of a long text its beginning is carried and shown; whether it changed is told by the whole of it."""


def picture(form: forms.Form) -> str:
    """First values of a form's fields: a digest of each, and its words in short."""
    return json.dumps({name: [_digest(value), _brief(_words(field, value))] for name, field, value in _firsts(form)})


def differences(form: forms.Form, given: str) -> dict[str, tuple[str, str]]:
    """Fields that stand otherwise now than in the picture ``given``, by label; a picture that makes no sense shows none."""
    before = _read(given)
    return {
        str(form[name].label): (before[name][1] or figures.NOTHING, _brief(_words(field, value)) or figures.NOTHING)
        for name, field, value in _firsts(form)
        if name in before and before[name][0] != _digest(value)
    }


def _firsts(form: forms.Form) -> Iterator[tuple[str, forms.Field, Any]]:
    for name, field in form.fields.items():
        if may_keep(field):
            yield name, field, form.get_initial_for_field(field, name)


def _digest(value: Any) -> str:
    return hashlib.sha256(("" if value is None else str(value)).encode()).hexdigest()[:16]


def _brief(words: str) -> str:
    return words if len(words) <= BRIEF else f"{words[:BRIEF]}…"


def _words(field: forms.Field, value: Any) -> str:
    """A first value as its reader sees it."""
    if value in (None, "", []):
        return ""
    if isinstance(field, forms.ChoiceField):
        labels = {str(key): str(label) for key, label in _flat(field.choices)}
        return ", ".join(
            labels.get(str(one), str(one)) for one in (value if isinstance(value, (list, tuple)) else [value])
        )
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    return read_in(field, value) or str(value)


def _flat(choices: Any) -> Iterator[tuple[Any, Any]]:
    for key, label in choices:
        if isinstance(label, (list, tuple)):
            yield from label
        else:
            yield key, label


def _read(given: str) -> Mapping[str, tuple[str, str]]:
    """A picture as a page gave it back, as far as it is one."""
    held = parsed(given)
    pairs = held.items() if isinstance(held, dict) else ()
    return {
        name: (str(pair[0]), _brief(str(pair[1]))) for name, pair in pairs if isinstance(pair, list) and len(pair) == 2
    }

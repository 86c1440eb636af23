"""Judges the fields that somebody has typed in, while they type: the form class alone. No service runs and nothing is written."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse

HEADER = "X-Check"


def answered(request: HttpRequest, form: forms.Form) -> HttpResponse | None:
    """Say what is wrong with the fields that the header names, by their name on the page; ``None`` for every other request.

    Fields that were not typed in yet are not judged: a box that waits for its turn is not wrong.
    """
    if request.method != "POST" or HEADER not in request.headers:
        return None
    asked = set(request.headers[HEADER].split(","))
    names = [name for name in form.fields if form.add_prefix(name) in asked]
    return JsonResponse({"fields": {form.add_prefix(name): judged(form, name) for name in names}})


def judged(form: forms.Form, name: str) -> dict[str, Any]:
    """What is wrong with one field of a form that was sent, and what is read in it."""
    errors = [str(line) for line in form.errors.get(name, [])]
    return {"errors": errors, "read": read_in(form.fields[name], form.cleaned_data.get(name))}


def read_in(field: forms.Field, value: Any) -> str | None:
    """What the house reads in an amount or a day; ``None`` for fields that are read as they stand."""
    reads = getattr(field, "understood", None)
    if reads is None:
        return None
    try:  # a draft's value is a text still
        return str(reads(field.to_python(value) if isinstance(value, str) else value))
    except ValidationError:
        return ""

"""The page of who reaches what: the table that was walked, filtered; nothing is tried while somebody waits."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from apps.access.roles import Role
from apps.console.reach import ANSWERS, CLASSES, SHORT, Address, matching
from apps.core import keyset
from apps.core.forms import CleanForm
from apps.core.keyset import Page
from apps.core.permission_words import WORDS
from apps.core.permissions import Permission
from apps.core.requires import requires

PAGE = 50
EVERYBODY = {"public": _("everybody"), "signed_in": _("whoever is signed in"), "enrolling": _("whoever is signing in")}


class ReachForm(CleanForm):
    """What the table is narrowed to."""

    halves = ("role", "kind")

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, required=False)
    kind = forms.ChoiceField(
        label=_("Class of objects"), required=False, choices=[("", _("All classes")), *CLASSES.items()]
    )
    q = forms.CharField(label=_("Address or permission"), max_length=60, required=False)
    reached = forms.BooleanField(label=_("Only what the role reaches"), required=False)


@requires(Permission.MATRIX_VIEW)
@require_safe
def reach(request: Any) -> HttpResponse:
    """Show, for one role, what each address answers by the class of its object."""
    form = ReachForm(request.GET or None, initial={"role": Role.LOAN_OFFICER})
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
    role, kind = asked.get("role") or Role.LOAN_OFFICER.value, asked.get("kind", "")
    found = list(matching(words=asked.get("q", ""), role=role, kind=kind, reached=bool(asked.get("reached"))))
    page = _page(found, request.GET.get("cursor", ""))
    kinds = [kind] if kind else list(CLASSES)
    context = {
        "form": form, "role": Role(role).label, "count": len(found), "answers": [(SHORT[each], ANSWERS[each]) for each in ANSWERS],
        "kinds": [CLASSES[each] for each in kinds],
        "page": Page([_line(each, role, kinds) for each in page.rows], page.next_cursor, page.is_first),
    }  # fmt: skip
    return render(request, "console/reach.html", context)


def _page(found: list[Address], cursor: str) -> Page[Address]:
    key = keyset.decode(cursor)
    rest = [each for each in found if not key or each.name > str(key[0])]
    following = keyset.encode([rest[PAGE - 1].name]) if len(rest) > PAGE else ""
    return Page(rest[:PAGE], following, not key)


def _line(address: Address, role: str, kinds: list[str]) -> dict[str, Any]:
    cells = address.cells.get(role, {})
    return {
        "address": address, "demands": [WORDS.get(Permission(each)) if each not in EVERYBODY else EVERYBODY[each] for each in address.demands],
        "cells": [(CLASSES[kind], _words(cells.get(kind, ""))) for kind in kinds],
    }  # fmt: skip


def _words(letters: str) -> str:
    """Words of a cell: one where looking and sending get the same answer, else both."""
    return " / ".join(dict.fromkeys(str(SHORT[letter]) for letter in letters))

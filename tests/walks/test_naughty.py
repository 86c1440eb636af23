"""Naughty strings in every field of every form: answered in words, nothing written by halves, what was typed still there.

The forms are found by asking each page of the URL table for its form; every text field of a form gets a string of its own,
and every string meets a text field of every form.
"""

from __future__ import annotations

import contextlib
import copy
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django import forms
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.test import Client

from apps.access.gate import mark_of
from apps.access.roles import Role
from apps.audit.models import AuditEvent
from apps.core.forms import AmountField
from apps.core.requires import ENROLLING, PUBLIC
from tests.walks.addresses import Page, open_to, pages
from tests.walks.arguments import arguments_of
from tests.walks.test_queries import Look, seats_of
from tests.walks.world import RICH, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.shared]

MUCH = 200
"""What is stuffed into a field that names no limit."""
STATIONS = {
    "accept": "intake", "knock_out": "intake", "identity": "intake", "duplicate": "intake", "visit_add": "intake", "document_add": "intake",
    "submit": "draft", "business": "draft", "person": "draft", "person_add": "draft", "part_add": "draft", "request": "draft",
    "facility": "draft", "facility_add": "draft", "consents": "draft", "declaration": "draft",
    "sign": "approval", "refer": "approval", "return": "approval", "condition_add": "approval", "send_back": "credit_review",
    "evidence_give": "conditions", "evidence_decide": "conditions", "condition_waive": "conditions", "party_signed": "contracting",
    "contract_conclude": "contracting", "answer": "waiting", "answer_recorded": "waiting", "reopen": "withdrawn", "unfreeze": "frozen",
}  # fmt: skip
"""Where the step of a page is possible, by the last part of its name; by app below, else the rich case."""
OF_APPS = {"credit_review": "credit_review", "collateral": "collateral_check"}
OFFERED = {
    "approval:accept",
    "approval:negotiate",
    "portal:accept",
    "portal:negotiate",
    "approval:amend",
    "approval:revoke",
}
SPECIAL = {
    "approval:review": "declined",
    "portal:look_again": "declined",
    "approval:decline": "approval",
    "portal:withdraw": "offered",
    "portal:document": "waiting",
}
ROLES = {"approval:sign": Role.APPROVER_2, "approval:decline": Role.APPROVER_2}


def station_of(page: Page) -> str:
    """The station at which the page's form can be taken."""
    app, _colon, name = page.name.partition(":")
    if page.name in OFFERED:
        return "offered"
    return SPECIAL.get(page.name) or STATIONS.get(name) or OF_APPS.get(app) or RICH


def seats(world: World) -> dict[tuple[str, str], Client]:
    """A browser for each role, and for those who cover the whole house."""
    return seats_of(world)


def form_pages(world: World, clients: dict[tuple[str, str], Client]) -> Iterator[tuple[Page, str, Client, forms.Form]]:
    """Every page that shows a form, with its address, somebody it is open to, and the form."""
    cases = {station: world.case(station) for station in world.cases}
    for page in pages():
        if mark_of(page.view) in (PUBLIC, ENROLLING) or page.name == "accounts:sign_out":
            continue
        arguments = arguments_of(page, world, cases[station_of(page)]) or arguments_of(page, world, cases[RICH])
        if arguments is None:
            continue
        anyone = Role.LOAN_OFFICER if isinstance(mark_of(page.view), str) else None
        role = ROLES.get(page.name) or anyone or next(role for role in Role if open_to(page, role))
        address = page.at(arguments)
        client = clients[Look(page, role, address).seat]
        answer = client.get(address)
        form = (answer.context or {}).get("form") if answer.status_code == 200 else None
        if isinstance(form, forms.Form):
            yield page, address, client, form


def is_typed(field: forms.Field) -> bool:
    """Tell whether somebody types into a field."""
    choosing = (forms.ChoiceField, forms.FileField, forms.BooleanField)
    return not field.widget.is_hidden and not isinstance(field, choosing)


def stuffed_for(field: forms.Field, words: Iterator[str]) -> str:
    """As many strings as a field takes; a string that alone is too long comes alone."""
    room, text = getattr(field, "max_length", None) or MUCH, next(words)
    for word in words:
        if len(text) + len(word) + 1 > room:
            return text
        text = f"{text} {word}"
    return text


def filled(form: forms.Form, words: Iterator[str], *, stuffed: bool = False) -> dict[str, Any]:
    """What is sent: a string in each field that one types into (``stuffed``: many), what the form offers everywhere else."""
    sent: dict[str, Any] = {}
    for name, field in form.fields.items():
        value = form.get_initial_for_field(field, name)
        if is_typed(field):
            sent[form.add_prefix(name)] = stuffed_for(field, words) if stuffed else next(words)
        elif isinstance(field, forms.ChoiceField) and not value:
            offered = [
                key for key, _label in field.choices if key not in ("", None) and not isinstance(_label, (list, tuple))
            ]
            sent[form.add_prefix(name)] = (
                offered[:1] if isinstance(field, forms.MultipleChoiceField) else (offered or [""])[0]
            )
        elif value not in (None, "") and not isinstance(field, forms.FileField):
            sent[form.add_prefix(name)] = value
    return sent


def kept(answer: HttpResponse, sent: dict[str, Any], form: forms.Form) -> bool:
    """Tell whether a refused form still holds what was typed."""
    shown = (answer.context or {}).get("form")
    if not isinstance(shown, forms.Form) or not shown.is_bound:
        return True
    secret = {name for name, field in shown.fields.items() if isinstance(field.widget, forms.PasswordInput)}
    typed = {name for name, field in form.fields.items() if is_typed(field)} - secret
    return all(shown.data.get(form.add_prefix(name)) == sent[form.add_prefix(name)] for name in typed)


@contextlib.contextmanager
def undone() -> Iterator[None]:
    """Take back whatever is written inside; durable acts may run, as inside Django's own test cases."""
    whole = transaction.atomic()
    whole._from_testcase = True
    with whole:
        yield
        transaction.set_rollback(True)


def done() -> list[int]:
    """Acts that stand in the log as done; looks and refusals stay out."""
    return list(AuditEvent.objects.filter(outcome="done").exclude(kind="read").values_list("pk", flat=True))


@pytest.fixture
def naughty(shared: Path) -> list[str]:
    """All strings, each once."""
    return [text for text in json.loads((shared / "vectors/hostile/blns.json").read_text()) if text.strip()]


@pytest.mark.every
def test_every_form_answers_naughty_strings(world: World, naughty: list[str]) -> None:
    """The first round sends one string a field, the second as many as a field holds."""
    clients, wrong, seen, words = seats(world), [], set(), itertools.cycle(naughty)
    for page, address, client, form in form_pages(world, clients):
        seen.add(page.name)
        for sent in (filled(form, words), filled(form, words, stuffed=True)):
            before = done()
            with undone():
                answer = client.post(address, sent)
                status = answer.status_code
                if status >= 500 or not (status < 400 or kept(answer, sent, form)):
                    wrong.append((page.name, status, sent))
                if status >= 400 and done() != before:
                    wrong.append((page.name, status, "written by halves"))
    assert wrong == []
    assert len(seen) > 100, sorted(seen)


def bound(form: forms.Form, sent: dict[str, Any]) -> forms.Form:
    """The form as a page gave it, with what is sent."""
    found = copy.copy(form)
    found.data, found.is_bound, found._errors = QueryDict(urlencode(sent, doseq=True)), True, None
    return found


def test_every_naughty_string_meets_a_text_field_of_every_form(world: World, naughty: list[str]) -> None:
    """Here forms are cleaned without a page around them, at a hundredth of its cost."""
    met: set[tuple[Any, ...]] = set()
    for page, _address, _client, form in form_pages(world, seats(world)):
        kind = (type(form), *form.fields)  # one form stands on several pages
        typed = sum(map(is_typed, form.fields.values())) if kind not in met else 0
        for first in range(0, len(naughty), typed) if typed else ():
            words = itertools.chain(naughty[first:], itertools.repeat("x"))
            taken = bound(form, filled(form, words))
            taken.full_clean()
            for name, field in taken.fields.items():
                amount = taken.cleaned_data.get(name) if isinstance(field, AmountField) else None
                assert amount is None or amount.is_finite(), (page.key, name)
        met.add(kind)
    assert len(met) > 60

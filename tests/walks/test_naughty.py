"""Naughty strings in every field of every form: answered in words, nothing written by halves, what was typed still there.

The forms are found by asking each page of the URL table for its form; every text field of a form gets a string of its own,
so that a few rounds bring every string before every kind of field.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from apps.access.gate import mark_of
from apps.access.roles import Role
from apps.audit.models import AuditEvent
from apps.core.forms import AmountField
from apps.core.requires import ENROLLING, PUBLIC
from tests.accounts import factories as people
from tests.walks.addresses import Page, open_to, pages
from tests.walks.arguments import arguments_of
from tests.walks.world import NEAR, OWNER, RICH, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.shared]

ROUNDS = 2
"""How often each form is sent; each round another stretch of the strings."""
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
SPECIAL = {"approval:decline": "approval", "portal:withdraw": "offered", "portal:document": "waiting"}
ROLES = {"approval:sign": Role.APPROVER_2, "approval:decline": Role.APPROVER_2}


def station_of(page: Page) -> str:
    """The station at which the page's form can be taken."""
    app, _colon, name = page.name.partition(":")
    if page.name in OFFERED:
        return "offered"
    return SPECIAL.get(page.name) or STATIONS.get(name) or OF_APPS.get(app) or RICH


def seats(world: World) -> dict[Role, Client]:
    """A browser for each role."""
    found = {}
    for role in Role:
        found[role] = Client()
        people.signed_in(found[role], world.account(OWNER if role == Role.BORROWER else NEAR, role))
    return found


def form_pages(world: World, clients: dict[Role, Client]) -> Iterator[tuple[Page, str, Client, forms.Form]]:
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
        answer = clients[role].get(address)
        form = (answer.context or {}).get("form") if answer.status_code == 200 else None
        if isinstance(form, forms.Form):
            yield page, address, clients[role], form


def is_typed(field: forms.Field) -> bool:
    """Tell whether somebody types into a field."""
    choosing = (forms.ChoiceField, forms.FileField, forms.BooleanField)
    return not field.widget.is_hidden and not isinstance(field, choosing)


def filled(form: forms.Form, words: Iterator[str]) -> dict[str, Any]:
    """What is sent: a string in each field that one types into, what the form offers everywhere else."""
    sent: dict[str, Any] = {}
    for name, field in form.fields.items():
        value = form.get_initial_for_field(field, name)
        if is_typed(field):
            sent[form.add_prefix(name)] = next(words)
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


def done() -> int:
    """Acts that stand in the log as done; looks and refusals stay out of the count by their outcome or nature."""
    return AuditEvent.objects.filter(outcome="done").exclude(body__contains='"reads"').count()


@pytest.fixture
def naughty(shared: Path) -> list[str]:
    """All strings, each once."""
    return [text for text in json.loads((shared / "vectors/hostile/blns.json").read_text()) if text.strip()]


def test_every_form_answers_every_naughty_string(world: World, naughty: list[str]) -> None:
    clients, wrong, seen, words = seats(world), [], set(), endless(naughty)
    for page, address, client, form in form_pages(world, clients):
        seen.add(page.name)
        for _round in range(ROUNDS):
            before, sent = done(), filled(form, words)
            with undone():
                answer = client.post(address, sent)
                status = answer.status_code
                if status >= 500 or not (status < 400 or kept(answer, sent, form)):
                    wrong.append((page.name, status, sent))
                if status >= 400 and done() - before > LOOKS:
                    wrong.append((page.name, status, "written by halves"))
    assert wrong == []
    assert len(seen) > 75, sorted(seen)


LOOKS = 3
"""Looks that a page may put on record while it draws itself again."""


def endless(naughty: list[str]) -> Iterator[str]:
    """The strings over and over."""
    while True:
        yield from naughty


def test_every_kind_of_field_takes_or_refuses_every_naughty_string(world: World, naughty: list[str]) -> None:
    """Cleaning costs nothing, so here every string meets one field of each kind of each form."""
    kinds: dict[Any, forms.Field] = {}
    for _page, _address, _client, form in form_pages(world, seats(world)):
        for field in form.fields.values():
            kinds.setdefault((type(field), type(field.widget), len(field.validators)), field)
    assert len(kinds) > 12
    for text in naughty:
        for field in kinds.values():
            try:
                cleaned = field.clean([text] if isinstance(field, forms.MultipleChoiceField) else text)
            except forms.ValidationError:
                continue
            assert not isinstance(field, AmountField) or cleaned is None or cleaned.is_finite(), text

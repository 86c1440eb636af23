"""Every form that a page of the furnished world shows, and what is sent with it."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.test import Client

from apps.access.gate import mark_of
from apps.access.roles import Role
from apps.audit.models import AuditEvent
from apps.core.requires import ENROLLING, PUBLIC
from tests.walks.addresses import Page, open_to, pages
from tests.walks.arguments import arguments_of
from tests.walks.test_queries import Look, seats_of
from tests.walks.world import RICH, World

Seat = tuple[str, str]
"""Where somebody stands, and their role."""
Found = tuple[Page, str, Seat, forms.Form]
Shown = tuple[Page, str, Client, forms.Form]
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


def sessions_of(world: World) -> dict[Seat, str]:
    """The keys of the sessions that everybody begins."""
    return {seat: client.cookies[settings.SESSION_COOKIE_NAME].value for seat, client in seats_of(world).items()}


def seats_with(sessions: Mapping[Seat, str]) -> dict[Seat, Client]:
    """A browser for each session: what one test's browser is given, no other's has."""
    seats = {seat: Client() for seat in sessions}
    for seat, client in seats.items():
        client.cookies[settings.SESSION_COOKIE_NAME] = sessions[seat]
    return seats


def forms_of(world: World, seats: Mapping[Seat, Client]) -> Iterator[Found]:
    """Every page that shows a form, with its address, the seat of somebody it is open to, and the form."""
    cases = {station: world.case(station) for station in world.cases}
    for page in pages():
        if mark_of(page.view) in (PUBLIC, ENROLLING) or page.name == "accounts:sign_out":
            continue
        arguments = arguments_of(page, world, cases[station_of(page)]) or arguments_of(page, world, cases[RICH])
        if arguments is None:
            continue
        anyone = Role.LOAN_OFFICER if isinstance(mark_of(page.view), str) else None
        role = ROLES.get(page.name) or anyone or next(role for role in Role if open_to(page, role))
        look = Look(page, role, page.at(arguments))
        answer = seats[look.seat].get(look.address)
        form = (answer.context or {}).get("form") if answer.status_code == 200 else None
        if isinstance(form, forms.Form):
            yield page, look.address, look.seat, form


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


def done() -> int | None:
    """The newest act that stands in the log as done, which only grows; looks and refusals stay out."""
    acts = AuditEvent.objects.filter(outcome="done").exclude(kind="read")
    return acts.order_by("-pk").values_list("pk", flat=True).first()


def bound(form: forms.Form, sent: dict[str, Any]) -> forms.Form:
    """The form as a page gave it, with what is sent."""
    found = copy.copy(form)
    found.data, found.is_bound, found._errors = QueryDict(urlencode(sent, doseq=True)), True, None
    return found

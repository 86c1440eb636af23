"""What a malicious or an unlucky browser sends: numbers beyond reason, letters that deceive, addresses bent, the same thing twice.

Every page answers in words, nothing is written by halves, and what was typed is still there.
"""

from __future__ import annotations

import base64
import contextlib
import html
import itertools
import json
import sys
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django import forms
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.accounts.models import Draft
from apps.applications.models import Document
from apps.audit.models import AuditEvent
from apps.core.drafting import HEADER
from apps.core.pictures import FIELD
from apps.core.text import JOINERS
from apps.workflow.models import LoanCase, Message
from tests.accounts import factories as people
from tests.applications.sending import scan
from tests.walks.shown import Seat, Shown, bound, done, filled, kept, undone
from tests.walks.test_queries import Look, looks
from tests.walks.world import NEAR, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world"), pytest.mark.timeout(600)]

NUMBERS = (
    "9" * 4000,
    "9" * 5000,
    "-" + "9" * 4000,
    "1e9999",
    "-0",
    "²",
    "٣٤",
    "0x7f",
    "1_0",
    "NaN",
    "Infinity",
    "." + "9" * 4000,
)
DECEIVING = (
    "Songhua \u202ekcehc\u202c", "a\u200bb\u200cc\u200dd\ufeff", "\u2066right\u2069", "fi\u00adne", "\u202e\u202d\u200f",
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}{% now 'Y' %}", "=cmd|' /C calc'!A0", "pay\u0440al",
)  # fmt: skip


def cursor(value: str) -> str:
    """A cursor that holds anything."""
    return base64.urlsafe_b64encode(value.encode()).decode()


ADDRESSED = (
    "9" * 4000, "9" * 5000, "²", "-1", "\u202e7", "<script>", "'; --", "%00", "None",
    cursor('["²"]'), cursor("[" + "9" * 300 + "]"), cursor("[1e999]"), cursor('[null, {"a": []}]'), cursor("[" * 3000), cursor('["\\u0000", 1]'), cursor('["\\ud800", 1]'),
    cursor('["2026-01-01T00:00:00", "x", 5]'), "\u00ff\u00fe",
)  # fmt: skip
ASKED = (
    "cursor", "q", "borrower", "from", "wide", "ticket", "tab", "code", "next", "draft", "stage", "product", "grade", "sort", "overdue",
    "state", "page", "person", "case", "object", "since", "until", "role", "branch", "number",
)  # fmt: skip
MARK = "sent_by_this_test"
EVERYWHERE = {"tour"}
"""What every page asks for."""
MANY = 200


@contextlib.contextmanager
def asked_for() -> Iterator[set[str]]:
    """Collect the names that pages ask a query for; what goes through all that stands in one asks for none by name."""
    names: set[str] = set()

    def noting(plain: Callable[..., Any]) -> Callable[..., Any]:
        def told(query: QueryDict, name: str, *more: Any) -> Any:
            if dict.__contains__(query, MARK) and not sys._getframe(1).f_code.co_filename.endswith("datastructures.py"):
                names.add(name)
            return plain(query, name, *more)

        return told

    with contextlib.ExitStack() as patched:
        for way in ("get", "getlist", "__getitem__", "__contains__"):
            patched.enter_context(patch.object(QueryDict, way, noting(getattr(QueryDict, way))))
        yield names


@pytest.mark.every
def test_every_page_answers_an_address_that_makes_no_sense(world: World, seats: dict[Seat, Client]) -> None:
    """Each is asked with one value under many names; who asks for any of them, or for others, is sent all values under those."""
    wrong, met, turn = set(), set(), itertools.cycle(ADDRESSED)
    with asked_for() as names:

        def ask(look: Look, value: str) -> None:
            answer = seats[look.seat].get(look.address, dict.fromkeys({*ASKED, MARK, *names}, value))
            if answer.status_code >= 500:
                wrong.add((look.page.key, value[:40]))

        for look in looks(world):
            names.clear()
            ask(look, next(turn))
            for value in ADDRESSED if names - EVERYWHERE else ():
                ask(look, value)
            met |= names
    assert wrong == set()
    assert met >= {"cursor", "q", "from", "wide", "sort", "tab", "take", "left", "sample", "on"}


def beyond_reason(form: forms.Form, numbers: Any) -> dict[str, Any]:
    """A number beyond reason in every field, hidden ones and choices too, and in what the page itself carries."""
    sent = {form.add_prefix(name): next(numbers) for name in form.fields}
    return {**sent, FIELD: "[" * 5000, "form_once": "9" * 4000, "draft_version": "9" * 5000, "draft_basis": "9" * 4000}


@pytest.mark.every
def test_every_form_answers_numbers_beyond_reason(shown: list[Shown]) -> None:
    numbers, wrong, seen = itertools.cycle(NUMBERS), [], set()
    for page, address, client, form in shown:
        if page.name in seen:
            continue
        seen.add(page.name)
        for headers in ({}, {}, {"X-Check": ",".join(form.fields)}, {HEADER: "keep"}):
            sent, before = beyond_reason(form, numbers), done()
            with undone():
                answer = client.post(address, sent, headers=headers)
                if answer.status_code >= 500 or (answer.status_code >= 400 and done() != before):
                    wrong.append((page.name, answer.status_code, headers))
    assert wrong == []
    assert len(seen) > 100


@pytest.mark.parametrize(
    "seen", ['{"holder": "²"}', '{"amount_asked": "1e9999999"}', '{"state": [[]], "holder": "%s"}' % ("9" * 1500)]
)
def test_a_bent_picture_of_the_case_is_shown_as_nothing(world: World, seats: dict[Seat, Client], seen: str) -> None:
    client, case = seats[NEAR, Role.TEAM_LEAD], world.case("intake")
    answer = client.post(
        reverse("workflow:freeze", args=[case.number]), {"version": case.version + 1, "seen": seen, "text": "Doubtful."}
    )
    assert answer.status_code in (400, 409)


def hidden_in(value: Any) -> set[str]:
    """Characters that nobody sees and that deceive whoever reads the text beside them."""
    return {char for char in str(value) if unicodedata.category(char) == "Cf" and char not in JOINERS}


def test_no_form_takes_a_letter_that_deceives_nor_loses_what_was_typed(shown: list[Shown]) -> None:
    """Passwords are taken as they are; everything else is clean before a service sees it."""
    words, met, wrong = itertools.cycle(DECEIVING), set(), []
    for page, address, client, form in shown:
        kind = (type(form), *form.fields)
        if kind in met:
            continue
        met.add(kind)
        taken = bound(form, filled(form, words))
        taken.full_clean()
        bad = {
            name: hidden_in(value) for name, value in taken.cleaned_data.items() if name not in ("seen", "challenge")
        }
        wrong += [
            (page.key, name) for name, chars in bad.items() if chars and "password" not in name and name != "again"
        ]
        sent = filled(form, words)
        with undone():
            answer = client.post(address, sent)
            text = answer.content.decode(errors="replace")  # one form answers with a PDF
            shown = "<script>alert(1)" in text or "<img src=x" in text
            if answer.status_code >= 500 or shown or (answer.status_code >= 400 and not kept(answer, sent, form)):
                wrong.append((page.key, str(answer.status_code)))
    assert wrong == []
    assert len(met) > 60


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>.png",
        "gpj.\u202efdp.png",
        "..\\..\\boot.png",
        "a\u200bb.png",
        "x" * 400 + ".png",
        '"; filename="a.exe.png',
    ],
)
def test_a_papers_name_is_shown_as_text_and_sent_as_a_file(world: World, seats: dict[Seat, Client], name: str) -> None:
    client, case = seats[NEAR, Role.LOAN_OFFICER], world.case("intake")
    before = set(Document.objects.values_list("pk", flat=True))
    answer = client.post(
        reverse("applications:document_add", args=[case.number]),
        {"version": case.version, "code": "other", "file": scan(name)},
    )
    assert answer.status_code in (302, 400)
    for paper in Document.objects.exclude(pk__in=before):
        page = client.get(reverse("applications:document", args=[case.number, paper.pk]))
        assert b"<script>alert" not in page.content
        assert not hidden_in(html.unescape(page.content.decode()).partition("<main")[2])


def test_two_hundred_windows_on_one_case_and_the_last_one_sends(world: World, seats: dict[Seat, Client]) -> None:
    client, case = seats[NEAR, Role.TEAM_LEAD], world.case("intake")
    address = reverse("workflow:freeze", args=[case.number])
    opened = [client.get(address).context["form"] for _window in range(MANY)]
    sent = {"version": opened[0]["version"].value(), "seen": opened[0]["seen"].value(), "text": "Doubtful papers."}
    assert client.post(address, {**sent, "version": opened[-1]["version"].value()}).status_code == 302
    second = client.post(address, {**sent, "text": "Doubtful, too."})
    assert second.status_code == 409
    assert "Doubtful, too." in second.content.decode()
    assert LoanCase.objects.get(pk=case.pk).is_frozen


def test_two_browsers_of_one_account_lose_nothing_of_each_other(world: World) -> None:
    case, owner = world.case("intake"), world.account(NEAR, Role.LOAN_OFFICER)
    address = reverse("borrowers:edit", args=[case.borrower_id])
    desk, phone = Client(), Client()
    for browser in (desk, phone):
        people.signed_in(browser, owner)
        assert browser.get(address).context["draft"].version == 0
    typed = {"legal_name": case.borrower.legal_name, "draft_version": 0}
    assert desk.post(address, {**typed, "industry": "from the desk"}, headers={HEADER: "keep"}).status_code == 200
    assert phone.post(address, {**typed, "industry": "from the phone"}, headers={HEADER: "keep"}).status_code == 409
    assert Draft.objects.get(account=owner).body.reveal()["industry"] == "from the desk"
    assert "from the desk" in phone.get(f"{address}?draft=use").content.decode()


def test_what_is_sent_twice_is_there_once(shown: list[Shown]) -> None:
    """A message, a person, a tie: forms that only add."""
    wrong, seen = [], 0
    for page, address, client, form in shown:
        mark = client.get(address).context.get("form_once")
        if not mark:
            continue
        sent = {**filled(form, itertools.repeat("Wort")), "form_once": mark}
        with undone():
            first = client.post(address, sent)
            acts = done()
            second = client.post(address, sent)
            if first.status_code != 302:
                continue
            seen += 1
            gone = second.status_code == 404  # what it was about is settled, and there is no such page any more
            if done() != acts or not (gone or second.headers.get("Location") == first["Location"]):
                wrong.append((page.key, second.status_code))
    assert wrong == []
    assert seen > 5


def test_a_message_sent_twice_from_its_page_stands_once(world: World, seats: dict[Seat, Client]) -> None:
    client, case = seats[NEAR, Role.LOAN_OFFICER], world.case("intake")
    page = client.get(case.get_absolute_url()).content.decode()
    mark = page.partition('name="form_once" value="')[2][:32]
    before = Message.objects.count()
    for _click in range(2):
        client.post(
            reverse("workflow:say", args=[case.number]), {"audience": "colleague", "body": "Seen.", "form_once": mark}
        )
    assert (len(mark), Message.objects.count()) == (32, before + 1)


def test_the_log_holds_what_was_refused_and_none_of_what_was_only_typed(
    world: World, seats: dict[Seat, Client]
) -> None:
    client, case = seats[NEAR, Role.LOAN_OFFICER], world.case("intake")
    before = AuditEvent.objects.exclude(kind="read").count()
    address = reverse("borrowers:edit", args=[case.borrower_id])
    for headers in ({HEADER: "keep"}, {"X-Check": "legal_name"}):
        client.post(address, {"legal_name": "Never sent", "draft_version": 0}, headers=headers)
    assert AuditEvent.objects.exclude(kind="read").count() == before
    assert "Never sent" not in json.dumps(list(AuditEvent.objects.values_list("body", flat=True)))

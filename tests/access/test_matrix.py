"""Every page × role × method, walked over the whole URL table: declared, never broken, open only as the role table says.

Object classes (other branch, shared, frozen …) are the matter of each page's own tests; here no object exists, so a page
that a role may open answers 404 or a form's complaints, and any other role is refused before that.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import get_converters
from django.urls.resolvers import RegexPattern
from django.utils.regex_helper import normalize

from apps.access.gate import mark_of
from apps.access.roles import ROLE_TABLE, Role
from apps.audit.tags import Tag
from apps.core.permissions import Permission
from apps.core.requires import ENROLLING, PUBLIC, SIGNED_IN
from tests.accounts import factories
from tests.accounts.log import count

METHODS = ("get", "post")
EXAMPLES = {
    "int": "999999999",
    "uuid": str(uuid.UUID(int=7)),
    "slug": "nothing-1",
    "str": "nothing-1",
    "path": "no/thing",
}
ENDING = {"accounts:sign_out"}  # would end the walk
REPORTING = {"monitoring:healthz"}  # says 503 where no worker runs, as in tests
MACHINES = {"api"}  # answer for themselves, with 401


@dataclass(frozen=True)
class Page:
    """One address with its view."""

    name: str
    path: str
    view: Any

    def __str__(self) -> str:
        return self.name or self.path


def pages() -> list[Page]:
    """Every address of the URL table with made-up arguments, each once."""
    found = {page.path: page for page in _walk(get_resolver(), "", "")}
    return [found[path] for path in sorted(found)]


def _walk(resolver: URLResolver, prefix: str, space: str) -> Iterator[Page]:
    for entry in resolver.url_patterns:
        path = prefix + _filled(entry)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, path, f"{space}{entry.namespace}:" if entry.namespace else space)
        elif isinstance(entry, URLPattern):
            yield Page(f"{space}{entry.name or ''}", f"/{path}", entry.callback)


def _filled(entry: URLPattern | URLResolver) -> str:
    if isinstance(entry.pattern, RegexPattern):
        return _matching(entry.pattern)
    text = str(entry.pattern)
    known = {type(converter): name for name, converter in get_converters().items()}
    for name, converter in entry.pattern.converters.items():
        kind = known.get(type(converter), "str")
        for shape in (f"<{kind}:{name}>", f"<{name}>"):
            text = text.replace(shape, EXAMPLES.get(kind, "nothing-1"))
    return text


def _matching(pattern: RegexPattern) -> str:
    """Find made-up arguments that an expression takes."""
    for shape, names in normalize(pattern.regex.pattern):
        for values in itertools.product([*EXAMPLES.values(), "post", "reject"], repeat=len(names)):
            text = shape % dict(zip(names, values, strict=True))
            if pattern.regex.search(text):
                return text
    raise AssertionError(f"no example fits {pattern}")


def open_to(page: Page, role: Role) -> bool:
    """Tell what the role table says about a page."""
    mark = mark_of(page.view)
    if isinstance(mark, str):
        return True
    borrower_outside = role == Role.BORROWER and Permission.PORTAL_USE not in mark
    return bool(ROLE_TABLE[role] & frozenset(mark)) and not borrower_outside


def walked() -> list[Page]:
    """Pages that the walk asks for."""
    return [page for page in pages() if page.name not in ENDING and page.path.split("/")[1] not in MACHINES]


def test_every_view_declares_what_it_needs() -> None:
    marks = {page.name: mark_of(page.view) for page in walked()}
    assert len(marks) > 30
    odd = {name for name, mark in marks.items() if isinstance(mark, str) and mark not in {PUBLIC, SIGNED_IN, ENROLLING}}
    assert odd == set()


PUBLIC_PAGES = {"accounts:sign_in", "accounts:invitation", "accounts:demo", "set_language", "monitoring:healthz"}
HALF_WAY_PAGES = {
    "accounts:factor",
    "accounts:recovery",
    "accounts:email_code",
    "accounts:email_code_again",
    "accounts:enrol",
}


def test_only_these_pages_open_without_signing_in() -> None:
    assert {page.name for page in walked() if mark_of(page.view) == PUBLIC} <= PUBLIC_PAGES
    assert {page.name for page in walked() if mark_of(page.view) == ENROLLING} == HALF_WAY_PAGES


@pytest.mark.django_db
def test_strangers_see_public_pages_and_the_way_to_sign_in() -> None:
    factories.institution()
    for page in walked():
        for method in METHODS:
            answer = getattr(Client(), method)(page.path)
            shut = mark_of(page.view) != PUBLIC
            assert not shut or answer.url.startswith("/account/sign-in/"), (page, method, answer.status_code)
            assert answer.status_code < 500 or page.name in REPORTING, (page, method, answer.status_code)


@pytest.mark.django_db
@pytest.mark.parametrize("role", Role)
def test_each_role_opens_what_its_line_says_and_is_refused_the_rest_on_record(role: Role) -> None:
    owner = factories.borrower_account() if role == Role.BORROWER else factories.staff(role)
    client = Client()
    factories.signed_in(client, owner)
    wrong = []
    for page in walked():
        allowed = open_to(page, role)
        # a refusal is the same for htmx, and its fragment is drawn faster than a page
        headers = {} if allowed else {"hx-request": "true"}
        for method in METHODS:
            before = count(Tag.VIEW_REFUSED)
            status = getattr(client, method)(page.path, headers=headers).status_code
            refused = count(Tag.VIEW_REFUSED) - before
            sound = status < 500 or page.name in REPORTING
            if not sound or refused == allowed or (not allowed and status != 403):
                wrong.append((str(page), method, status))
    assert wrong == []

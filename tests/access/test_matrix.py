"""Every page × role × method, walked over the whole URL table: declared, never broken, open only as the role table says.

Here no object exists, so a page that a role may open answers 404 or a form's complaints, and any other role is refused
before that. What other branches, borrowers and exceptions make of real objects is walked in ``tests/walks``.
"""

from __future__ import annotations

import pytest
from django.test import Client

from apps.access import gate
from apps.access.gate import mark_of
from apps.access.roles import Role
from apps.audit.tags import Tag
from apps.core.permissions import Permission
from apps.core.requires import ENROLLING, PUBLIC, SIGNED_IN
from tests.accounts import factories
from tests.accounts.log import count
from tests.walks.addresses import Page, open_to, pages

METHODS = ("get", "post")
ENDING = {"accounts:sign_out"}  # would end the walk
REPORTING = {"monitoring:healthz"}  # says 503 where no worker runs, as in tests


def walked() -> list[Page]:
    """Pages that the walk asks for."""
    return [page for page in pages() if page.name not in ENDING]


def test_every_view_declares_what_it_needs() -> None:
    marks = {page.name: mark_of(page.view) for page in walked()}
    assert len(marks) > 30
    odd = {name for name, mark in marks.items() if isinstance(mark, str) and mark not in {PUBLIC, SIGNED_IN, ENROLLING}}
    assert odd == set()


PUBLIC_PAGES = {
    "accounts:sign_in", "accounts:invitation", "accounts:demo", "accounts:register", "accounts:registered",
    "accounts:register_finish", "console:lost_device", "console:lost_device_told", "set_language", "monitoring:healthz", "portal:safety",
    "accounts:oidc_begin", "accounts:oidc_back",
}  # fmt: skip
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
def test_strangers_see_public_pages_and_the_way_to_sign_in(client: Client) -> None:
    factories.institution()
    for page in walked():
        for method in METHODS:
            answer = getattr(client, method)(page.path)
            shut = mark_of(page.view) != PUBLIC
            assert not shut or answer.url.startswith("/account/sign-in/"), (page, method, answer.status_code)
            assert answer.status_code < 500 or page.name in REPORTING, (page, method, answer.status_code)


def permissions(page: Page) -> tuple[Permission, ...]:
    """What the mark of a page that some role is kept from demands."""
    mark = mark_of(page.view)
    assert isinstance(mark, tuple)
    return tuple(Permission(each) for each in mark)


@pytest.mark.django_db
@pytest.mark.parametrize("role", Role)
def test_each_role_opens_what_its_line_says_and_is_refused_the_rest_on_record(role: Role, client: Client) -> None:
    """Open pages are asked for; of the shut ones, one for each mark: the gate, asked without a page, shuts all of them.

    Errors are drawn as the fragments that htmx gets, at a third of a page's cost; pages of errors have their own tests.
    """
    owner = factories.borrower_account() if role == Role.BORROWER else factories.staff(role)
    factories.signed_in(client, owner)
    actor = factories.actor_for(owner)
    shut = [page for page in walked() if not open_to(page, role)]
    before, wrong = count(Tag.VIEW_REFUSED), []
    assert [page.name for page in shut if gate.refusal_of(actor, permissions(page)) is None] == []
    samples = list({mark_of(page.view): page for page in shut}.values())
    for at, page in enumerate([*samples, *(page for page in walked() if open_to(page, role))]):
        # the gate knows no method, and what is not there is not there for any: one each, in turn
        for method in METHODS[at % 2 :][:1] if page in samples or page.names else METHODS:
            status = getattr(client, method)(page.path, headers={"hx-request": "true"}).status_code
            sound = status < 500 or page.name in REPORTING
            if not sound or (page in samples and status != 403):
                wrong.append((str(page), method, status))
    assert wrong == []
    assert count(Tag.VIEW_REFUSED) - before == len(samples)

"""The words explained: beside their labels, once a page, and all of them on a page of their own."""

from __future__ import annotations

import html
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.core.glossary import TERMS
from tests.accounts import factories as people
from tests.workflow import factories

USED = re.compile(r'{% help "([a-z_]+)" %}')


def drawn(*codes: str) -> str:
    """A page that explains these words, one after the other."""
    text = "{% load loanflow %}" + "".join(f'{{% help "{code}" %}}' for code in codes)
    return Template(text).render(Context({"request": SimpleNamespace()}))


def test_every_word_that_a_page_explains_is_in_the_glossary() -> None:
    folder = Path(settings.TEMPLATES[0]["DIRS"][0])
    used = {code for file in folder.rglob("*.html") for code in USED.findall(file.read_text())}
    assert len(used) > 20
    assert used - set(TERMS) == set()


@pytest.mark.parametrize("code", TERMS)
def test_an_explanation_is_short_and_whole(code: str) -> None:
    term = TERMS[code]
    assert str(term.word)
    assert str(term.text).endswith(".")
    assert len(str(term.text)) < 240


def test_a_button_opens_what_it_explains_and_the_text_stands_once_a_page() -> None:
    page = drawn("dscr", "ltv", "dscr")
    assert page.count('popovertarget="help-dscr"') == 2
    assert page.count('id="help-dscr"') == page.count('id="help-ltv"') == 1
    assert "What is this: Debt service coverage (DSCR)?" in page


def test_what_needs_no_explanation_gets_no_button() -> None:
    assert drawn("no_such_word") == ""


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.BORROWER, Role.AUDITOR, Role.LOAN_OFFICER])
def test_everybody_finds_all_words_from_the_help_menu(client: Client, role: Role) -> None:
    people.signed_in(client, people.borrower_account() if role == Role.BORROWER else factories.worker(role))
    address = reverse("console:glossary")
    text = html.unescape(client.get(address).content.decode())
    for code, term in TERMS.items():
        assert f'id="{code}"' in text
        assert str(term.text) in text
    home = client.get(reverse("portal:home") if role == Role.BORROWER else "/").content.decode()
    assert f'href="{address}"' in home

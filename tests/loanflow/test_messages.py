"""Words of templates and code reach the catalogue, and every one of them has its Chinese."""

import gettext
import io
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from loanflow import messages

CHINESE = messages.LOCALE / messages.LANGUAGE / "LC_MESSAGES" / "django.po"

ROOT = Path(__file__).resolve().parent.parent.parent
CHINESE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ('{% load i18n %}it\'s {% trans "Sign in" %}', "Sign in"),
        ('{% translate "It\'s paid" %}', "It's paid"),
        ("{% blocktranslate %}{{ n }} of {{ m }}{% endblocktranslate %}", "%(n)s of %(m)s"),
        ("<p>/ {{ _('Amount')|upper }} /</p>", "Amount"),
        ("{% url 'x' title=_(\"Borrower's file\") %}", "Borrower's file"),
        ("{% trans '抵押' %}", "抵押"),
    ],
)
def test_translated_text_of_a_template_is_found(template: str, message: str) -> None:
    found = extract("loanflow.messages:extract_django", io.BytesIO(template.encode()))
    assert [text for _line, text, _comments, _context in found] == [message]


def test_plural_and_context_are_kept() -> None:
    template = (
        "{% blocktranslate count n=x %}one loan{% plural %}{{ n }} loans{% endblocktranslate %}"
        "{% translate 'May' context 'month' %}"
    )
    found = list(extract("loanflow.messages:extract_django", io.BytesIO(template.encode())))
    assert [(text, context) for _line, text, _comments, context in found] == [
        (("one loan", "%(n)s loans"), None),
        ("May", "month"),
    ]


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


@pytest.mark.skipif(not CHINESE.exists(), reason="no catalogue")
def test_every_text_has_its_chinese(tmp_path: Path) -> None:
    messages.gather(tmp_path / "all.pot")
    chinese = catalogue(CHINESE)
    missing = []
    for message in catalogue(tmp_path / "all.pot"):
        translated = chinese.get(message.id, message.context) if message.id else message
        if message.id and (translated is None or translated.fuzzy or not all_words(translated.string)):
            missing.append(message.id)
    assert missing == [], "run `make messages` and fill in the Chinese"


@pytest.mark.skipif(not CHINESE.exists(), reason="no catalogue")
def test_placeholders_survive_translation() -> None:
    wrong = [(message.id, str(error)) for message, errors in catalogue(CHINESE).check() for error in errors]
    assert wrong == []


def all_words(text: str | tuple[str, ...] | list[str]) -> bool:
    return all(text) if isinstance(text, (tuple, list)) else bool(text)


def test_catalogue_compiled_by_babel_is_read_by_the_standard_library() -> None:
    made = Catalog(locale="zh_Hans")
    made.add("loan", "贷款")
    stream = io.BytesIO()
    write_mo(stream, made)
    stream.seek(0)
    assert gettext.GNUTranslations(stream).gettext("loan") == "贷款"

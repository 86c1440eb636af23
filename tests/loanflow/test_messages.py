"""Words of templates and code reach the catalogue, and every one of them has its Chinese."""

import io
from pathlib import Path

import pytest
from babel.messages.extract import extract

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

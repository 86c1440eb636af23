"""The dictionary explains every column and every name that a body may hold."""

from apps.audit import dictionary
from apps.audit.body import Facts, build
from apps.audit.export import HEADINGS, dictionary_of
from tests.audit.factories import SYSTEM


def test_every_column_and_every_name_is_explained():
    assert tuple(dictionary_of("csv")) == HEADINGS
    assert all(dictionary_of("xlsx").values())
    lines = dictionary_of("jsonl")
    assert {"number", "txid", "code_key", "code", "body"} == set(lines)
    assert set(build(Facts("a.b"), SYSTEM, [])) <= set(dictionary.BODY)
    assert "events.jsonl" in dictionary.FILES
    assert set(dictionary.of_bundle()) == {"files", "body"}

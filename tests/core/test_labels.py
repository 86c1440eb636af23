"""Lists and labels as each language parts them."""

from __future__ import annotations

import pytest
from django.template import Context, Template

from apps.core.labels import labelled, listed


@pytest.mark.parametrize(
    ("names", "said"), [((), ""), (("Auditor",), "Auditor"), (("Auditor", 7, "Team lead"), "Auditor, 7, Team lead")]
)
def test_names_are_parted_by_commas(names: tuple[object, ...], said: str) -> None:
    assert listed(names) == said
    assert Template("{% load loanflow %}{{ names|listed }}").render(Context({"names": names})) == said


def test_a_label_stands_before_what_it_says() -> None:
    assert labelled("Reason", "on leave") == "Reason: on leave"


def test_a_list_that_is_not_there_says_nothing() -> None:
    assert Template("{% load loanflow %}{{ nobody|listed }}").render(Context({"nobody": None})) == ""

"""Purposes in the explorer: codes of the log become words, and what nobody knows stays as it was written."""

import pytest
from django.utils import translation

from apps.console.audit_lines import change_of, reference_words
from apps.console.audit_purposes import TASKS, purpose_words
from apps.workflow.states import State


@pytest.mark.parametrize(
    ("code", "text", "words"),
    [
        ("task:list", "", "to work through a list"),
        ("task:credit_review", "", "for the task at “Credit review”"),
        ("complaint", "Letter of 3 May", "Complaint of a borrower: Letter of 3 May"),
        ("stated", "Call of the borrower", "Call of the borrower"),
        ("task:unheard", "", "task:unheard"),
        ("", "", ""),
    ],
)
def test_a_purpose_is_said_in_words(code: str, text: str, words: str):
    assert purpose_words(code, text) == words


def test_every_task_is_said_in_chinese_too():
    codes = [f"task:{name}" for name in [*TASKS, *State.values]]
    plain = [purpose_words(code, "") for code in codes]
    with translation.override("zh-hans"):
        assert all(purpose_words(code, "") != words for code, words in zip(codes, plain, strict=True))


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("LF-2026-000017", "LF-2026-000017"),
        ("borrower 7", "借款人 7"),
        ("decision memo 12", "审批意见书 12"),
        ("nothing known 3", "nothing known 3"),
        (" 3", " 3"),
        ("", ""),
    ],
)
def test_a_reference_of_kind_and_number_is_said_in_the_readers_language(reference: str, words: str):
    with translation.override("zh-hans"):
        assert reference_words(reference) == words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"changed_at": ["1", "2"], "state": ["intake", "waiting"], "version": [3, 4]},
            "state: Intake → Waiting for the borrower",
        ),
        ({"version": [3, 4]}, "version: 3 → 4"),
        ({"note": [None, ""], "state": [None, "draft"]}, "state: – → Draft"),
        ({"came_from": ["intake", "draft"]}, "came from: Intake → Draft"),
        ({"note": [None, ""]}, "note: – → –"),
        ({}, ""),
    ],
)
def test_what_an_act_was_about_stands_before_what_changes_with_every_act(changes: dict[str, list[object]], words: str):
    assert change_of({"touched": [{"object": "workflow_loancase:1", "changes": changes}]}) == words

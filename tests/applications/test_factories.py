"""A case goes through intake with nothing but services."""

import pytest

from tests.applications.factories import case_accepted, case_in_intake, desk, ready_draft


@pytest.mark.django_db
def test_ready_draft_misses_nothing() -> None:
    assert ready_draft(desk().officer).missing == []


@pytest.mark.django_db
def test_case_in_intake_lists_what_intake_has_to_do() -> None:
    assert case_in_intake(desk().officer).missing == ["checklist_complete", "identity_checked"]


@pytest.mark.django_db
def test_case_is_accepted() -> None:
    case = case_accepted()
    assert (case.state, case.stage, case.holder) == ("credit_review", "credit_review", None)

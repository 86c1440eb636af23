"""The list of conditions that an approval can ask for: kept by who manages the credit policy, on record."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Account
from apps.approval.models import ConditionTemplate
from apps.audit.models import AuditEvent
from apps.audit.tags import Tag
from tests.accounts import factories as people
from tests.approval.policy_pages import ADD, CONDITIONS, World, build, words
from tests.worlds import once_a_module

world = once_a_module(build)
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]


@pytest.fixture
def head(world: World) -> Account:
    """Return the head of credit of an installation with its first policy."""
    return world.head


@pytest.fixture
def desk(client: Client, head: Account, db: None) -> Client:
    """Return the browser of the head of credit."""
    people.signed_in(client, head)
    return client


TYPED = {
    "code": "lease",
    "kind": "precedent",
    "applies_to": "chosen",
    "due_days": "",
    "text_en": "Lease in hand",
    "text_zh": "租约",
}


def test_a_condition_is_added_retired_and_taken_up_again_on_record(desk: Client) -> None:
    assert desk.post(ADD, TYPED)["Location"] == CONDITIONS
    use = reverse("approval:template_use", args=["lease"])
    desk.post(use)
    assert not ConditionTemplate.objects.get(code="lease").is_active
    assert "Lease in hand" in words(desk.get(CONDITIONS))
    desk.post(use, {"in_use": "1"})
    assert ConditionTemplate.objects.get(code="lease").is_active
    assert AuditEvent.objects.filter(action=Tag.CONDITION_LISTED).count() == 3
    assert desk.post(reverse("approval:template_use", args=["no-such"])).status_code == 404


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("code", "equity_paid", "taken"),
        ("code", "two words", "slug"),
        ("text_en", "", "required"),
        ("text_en", "nul\x00", "Null characters"),
        ("kind", "never", "valid choice"),
        ("kind", "subsequent", "within how many days"),
        ("due_days", "30", "no days after it"),
        ("due_days", "0", "greater than or equal to 1"),
    ],
)
def test_a_condition_that_cannot_be_kept_is_answered_beside_its_field(
    desk: Client, field: str, value: str, complaint: str
) -> None:
    before = ConditionTemplate.objects.count()
    response = desk.post(ADD, {**TYPED, field: value})
    assert response.status_code == 400
    assert complaint in words(response)
    assert ConditionTemplate.objects.count() == before

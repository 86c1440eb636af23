"""The first credit policy of an installation that has none."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.access.roles import Role
from apps.approval.selectors import policy_in_force
from tests.accounts import factories as people
from tests.approval.policy_pages import LIST, NEW, PUBLISH, shown, typed, words

pytestmark = pytest.mark.django_db


def test_without_a_policy_the_page_says_what_to_do_and_a_first_one_can_be_put_in_force(client: Client) -> None:
    people.institution()
    people.signed_in(client, people.staff(Role.HEAD_OF_CREDIT))
    assert "Nothing can be approved until one is in force" in words(client.get(LIST))
    blank = typed(client.get(NEW).context["page"])
    client.post(PUBLISH, shown(client, blank))
    assert policy_in_force().version == 1

"""What the institution decides about the portal: by whom, with a fresh factor, on record."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.access.services.places import registration_switch
from apps.accounts.selectors import registration_open
from apps.audit.models import AuditEvent
from apps.core.errors import Refused, StepUpNeeded
from tests.accounts import factories as people

pytestmark = pytest.mark.django_db
PAGE, SWITCH = reverse("console:portal"), reverse("console:portal_registration")


def test_registration_is_closed_until_the_institution_opens_it(client: Client) -> None:
    people.institution()
    assert not registration_open()
    people.signed_in(client, people.staff(Role.ADMINISTRATOR))
    assert "by invitation" in client.get(PAGE).content.decode()
    assert client.post(SWITCH, {"open": "1"})["Location"] == PAGE
    assert registration_open()
    assert "open to everybody" in client.get(PAGE).content.decode()
    assert client.post(SWITCH, {})["Location"] == PAGE
    assert not registration_open()
    events = AuditEvent.objects.filter(action="accounts.institution_changed", outcome="done")
    assert events.count() == 2
    assert '"self_registration"' in events[0].body


def test_only_who_sets_the_portal_opens_it_and_only_with_a_fresh_factor() -> None:
    for role in (Role.LOAN_OFFICER, Role.COMPLIANCE_OFFICER, Role.SECURITY_OFFICER):
        with pytest.raises(Refused):
            registration_switch(actor=people.actor_for(people.staff(role)), is_open=True)
    stale = people.actor_for(people.staff(Role.HEAD_OF_CREDIT), fresh=False)
    with pytest.raises(StepUpNeeded):
        registration_switch(actor=stale, is_open=True)
    assert not registration_open()

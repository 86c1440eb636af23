"""The log is reviewed every month: one signs, another reviews, nobody both, and what is late shows."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.audit.models import AuditEvent
from apps.audit.selectors import last_number
from apps.audit.tags import Tag
from apps.console.models import LogReview
from apps.console.reviews import log_review_confirm, log_review_sign, standing
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible, Refused
from tests.accounts import factories as people

pytestmark = pytest.mark.django_db
PAGE = reverse("console:audit_reviews")


@pytest.fixture
def auditor() -> Any:
    people.institution()
    return people.staff(Role.AUDITOR)


@pytest.fixture
def officer(auditor: Any) -> Any:
    return people.staff(Role.COMPLIANCE_OFFICER)


def test_reviews_follow_each_other_without_a_gap(auditor: Any, officer: Any) -> None:
    first = log_review_sign(actor=people.actor_for(auditor), words="Nothing stood out.", last=last_number())
    second = log_review_sign(actor=people.actor_for(officer), words="Nor did here.", last=last_number())
    assert (first.first, second.first) == (1, first.last + 1)
    told = AuditEvent.objects.filter(action=Tag.LOG_REVIEW_SIGNED).latest("pk")
    assert told.data["note"] == {"first": second.first, "last": second.last}
    assert "Nor did here" not in told.body
    assert standing().next_first == second.last + 1


def test_another_person_reviews_it_once(auditor: Any, officer: Any) -> None:
    made = log_review_sign(actor=people.actor_for(auditor), words="x", last=last_number())
    with pytest.raises(Refused, match="Another person"):
        log_review_confirm(actor=people.actor_for(auditor), uuid=made.uuid)
    done = log_review_confirm(actor=people.actor_for(officer), uuid=made.uuid)
    assert (done.reviewed_by_id, done.reviewed_at is None) == (officer.person_id, False)
    with pytest.raises(BadInput, match="already"):
        log_review_confirm(actor=people.actor_for(officer), uuid=made.uuid)
    with pytest.raises(NotVisible):
        log_review_confirm(actor=people.actor_for(officer), uuid=uuid4())


def test_the_database_itself_holds_four_eyes(auditor: Any) -> None:
    made = log_review_sign(actor=people.actor_for(auditor), words="x", last=last_number())
    with pytest.raises(IntegrityError), transaction.atomic():
        LogReview._base_manager.filter(pk=made.pk).update(reviewed_by=made.read_by)


def test_only_who_may_verify_the_log_reviews_it_and_only_a_person(auditor: Any) -> None:
    clerk = people.staff(Role.LOAN_OFFICER)
    with pytest.raises(Refused):
        log_review_sign(actor=people.actor_for(clerk), words="x", last=last_number())
    with pytest.raises(Refused):
        log_review_sign(actor=Actor.system("clock"), words="x", last=last_number())


def test_who_reads_one_branch_neither_signs_nor_confirms(auditor: Any) -> None:
    made = log_review_sign(actor=people.actor_for(auditor), words="x", last=1)
    for role in (Role.AUDITOR, Role.COMPLIANCE_OFFICER):
        near = people.actor_for(people.staff(role, people.branch("NEAR")))
        with pytest.raises(Refused, match="the whole log"):
            log_review_sign(actor=near, words="x", last=2)
        with pytest.raises(Refused, match="the whole log"):
            log_review_confirm(actor=near, uuid=made.uuid)


def test_one_signs_for_what_was_read_and_never_for_what_is_not_written(auditor: Any) -> None:
    actor = people.actor_for(auditor)
    assert log_review_sign(actor=actor, words="x", last=3).last == 3
    for last in (3, last_number() + 5):
        with pytest.raises(BadInput) as refused:
            log_review_sign(actor=actor, words="x", last=last)
        assert "Enter a number from 4 to" in str(refused.value.errors["last"])


def test_an_overdue_review_and_a_late_second_person_show(auditor: Any, settings: Any) -> None:
    assert standing().is_overdue
    made = log_review_sign(actor=people.actor_for(auditor), words="x", last=last_number())
    assert not standing().is_overdue
    for days, late, overdue in ((13, 0, False), (15, 1, False), (32, 1, True)):
        with time_machine.travel(made.created_at + dt.timedelta(days=days), tick=False):
            now = standing()
            assert (now.waiting_late, now.is_overdue) == (late, overdue)


def test_the_pages_sign_show_and_confirm(client: Client, auditor: Any, officer: Any) -> None:
    people.signed_in(client, auditor)
    assert "Nobody has reviewed the log yet" in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"words": "", "last": "1"}).status_code == 400
    assert client.post(PAGE, {"words": "Nothing stood out.", "last": last_number()}).status_code == 302
    shown = client.get(PAGE).content.decode()
    assert "Nothing stood out." in shown
    assert "waits for a second person" in shown
    made = LogReview.objects.get()
    confirm = reverse("console:audit_review_confirm", args=[made.uuid])
    assert client.post(confirm).status_code == 403
    other = Client()
    people.signed_in(other, officer)
    assert confirm in other.get(PAGE).content.decode()
    assert other.post(confirm).status_code == 302
    after = other.get(PAGE).content.decode()
    assert "Reviewed by" in after
    assert officer.handle in after


def test_a_look_at_the_reviews_is_on_record(client: Client, auditor: Any) -> None:
    log_review_sign(actor=people.actor_for(auditor), words="All read.", last=last_number())
    people.signed_in(client, auditor)
    assert client.get(reverse("console:audit_reviews")).status_code == 200
    assert AuditEvent.objects.filter(action=Tag.LOG_REVIEWS_LISTED).latest("pk").data["note"]["shown"] == 1

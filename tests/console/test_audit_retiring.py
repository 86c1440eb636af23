"""Stretches of the log retire on a page: one proposes, another agrees, and who may not read the whole log does neither."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from apps.access.roles import Role
from apps.audit.models import AuditEvent, AuditRetired
from apps.audit.retiring.agreed import State, proposals
from apps.audit.retiring.due import holds_in, places
from apps.audit.tags import Tag
from apps.audit.tasks import stretches_retire
from apps.audit.verify import verify
from apps.borrowers.models import Borrower
from apps.borrowers.services import hold_lift, hold_place, retention_set
from apps.core import clock
from apps.core.classes import DataClass
from tests.accounts import factories as people
from tests.audit.sealing import newest_head, seal_all
from tests.borrowers import factories as borrowers

PAGE = reverse("console:audit_retiring")
OLD = dt.timedelta(days=11 * 366)


@pytest.fixture
def log(committed_db: str, settings: Any, tmp_path: Path) -> int:
    """A log with a batch older than any time of keeping; returns how many events that has."""
    settings.LOANFLOW_LOG_ARCHIVE = tmp_path / "archive"
    with clock.at(timezone.now() - OLD):
        people.institution()
        borrowers.borrower(founded_on=dt.date(2001, 5, 4))
        seal_all()
    return newest_head().pk


def client_of(role: Role) -> Client:
    client = Client()
    people.signed_in(client, people.staff(role))
    return client


def proposed(client: Client, last: int, first: int = 1) -> Any:
    return client.post(PAGE, {"first": first, "last": last, "words": "ten years are over"}, follow=True)


def test_one_proposes_another_agrees_and_the_stretch_goes(log: int):
    auditor, officer = client_of(Role.AUDITOR), client_of(Role.COMPLIANCE_OFFICER)
    assert f'value="{log}"' in auditor.get(PAGE).content.decode()
    assert "Another person has to agree now." in proposed(auditor, log).content.decode()
    [found] = proposals()
    agree = reverse("console:audit_retiring_agree", args=[found.proposed.pk])
    assert "You proposed it yourself" in auditor.post(agree).content.decode()
    assert agree not in auditor.get(PAGE).content.decode()
    assert agree in officer.get(PAGE).content.decode()
    assert "ten years are over" in officer.get(agree).content.decode()
    assert officer.post(agree).status_code == 302
    assert DBTaskResult.objects.filter(task_path__endswith="stretches_retire").count() == 1
    seal_all()
    stretches_retire.call()
    assert AuditRetired.objects.get().stop == log
    page = officer.get(PAGE).content.decode()
    assert "audit-retired-1-" in page
    assert "events have retired" in page
    assert AuditEvent.objects.filter(action=Tag.STRETCHES_LISTED).exists()
    assert verify().intact
    gone = auditor.get(reverse("console:audit_event", args=[1]), follow=True)
    assert gone.status_code == 200
    assert "Event 1 has retired" in gone.content.decode()
    assert "audit-retired-1-" in gone.content.decode()
    elsewhere = client_of(Role.ADMINISTRATOR).get(reverse("console:audit_event", args=[1]))
    assert elsewhere.status_code == 404, "whoever reads a part of the log learns nothing of the rest"


def test_the_first_page_and_what_is_kept_lead_the_second_person_there(log: int):
    auditor, officer = client_of(Role.AUDITOR), client_of(Role.COMPLIANCE_OFFICER)
    home, card = reverse("console:home"), "Stretches of the log to answer"
    assert card not in officer.get(home).content.decode()
    proposed(auditor, log)
    assert card in officer.get(home).content.decode()
    assert card not in auditor.get(home).content.decode(), "nobody answers what they proposed"
    assert card not in client_of(Role.ADMINISTRATOR).get(home).content.decode()
    assert f'href="{PAGE}"' in officer.get(reverse("console:privacy")).content.decode()
    assert officer.post(reverse("console:audit_retiring_decline", args=[proposals()[0].proposed.pk])).status_code == 302
    assert card not in officer.get(home).content.decode()


def test_what_was_proposed_can_be_kept(log: int):
    auditor, officer = client_of(Role.AUDITOR), client_of(Role.COMPLIANCE_OFFICER)
    proposed(auditor, log)
    keep = reverse("console:audit_retiring_decline", args=[proposals()[0].proposed.pk])
    assert "Keep the events" in officer.get(keep).content.decode()
    assert officer.post(keep).status_code == 302
    assert proposals()[0].state is State.DECLINED
    assert "The stretch stays." in officer.get(PAGE).content.decode()


@pytest.mark.parametrize(("last", "words"), [(2, "where a batch was sealed"), (10**6, "where a batch was sealed")])
def test_what_makes_no_stretch_is_said(log: int, last: int, words: str):
    answer = proposed(client_of(Role.AUDITOR), last)
    assert answer.status_code == 403
    assert words in answer.content.decode()


def test_a_hold_on_a_borrower_wins_and_is_named_until_it_is_lifted(log: int):
    row = Borrower.objects.get()
    officer, other = people.staff(Role.COMPLIANCE_OFFICER), people.staff(Role.COMPLIANCE_OFFICER)
    hold = hold_place(actor=people.actor_for(officer), borrower=row, why="a court asks")
    auditor = client_of(Role.AUDITOR)
    words = proposed(auditor, log).content.decode()
    assert "A legal hold stands on what this stretch tells of" in words
    assert row.reference in words
    [(who, _number)] = holds_in(places(0, log))
    assert who == row.reference
    hold_lift(actor=people.actor_for(other), hold=hold)
    assert "Another person has to agree now." in proposed(auditor, log).content.decode()


def test_a_longer_time_of_keeping_keeps_it(log: int):
    head = people.staff(Role.HEAD_OF_CREDIT)
    retention_set(actor=people.actor_for(head), data_class=DataClass.PERSONAL, months=240, basis="law")
    assert "must be kept longer" in proposed(client_of(Role.AUDITOR), log).content.decode()


@pytest.mark.parametrize("role", [Role.SECURITY_OFFICER, Role.ADMINISTRATOR, Role.HEAD_OF_CREDIT])
def test_others_find_the_door_shut(log: int, role: Role):
    assert client_of(role).get(PAGE).status_code in {403, 404}


def test_who_reads_a_part_of_the_log_is_told_who_can(log: int):
    client = Client()
    people.signed_in(client, people.staff(Role.AUDITOR, branch=people.branch("B1")))
    answer = client.get(PAGE)
    assert answer.status_code == 403
    assert "Only who may read the whole log" in answer.content.decode()

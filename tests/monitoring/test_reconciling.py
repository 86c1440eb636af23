"""Once a night rows are compared with the log; what differs is on record, under the bell and in /healthz."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

from apps.access.roles import Role
from apps.audit.models import AuditEvent
from apps.audit.reconciled import last_reconciled
from apps.audit.services.reconciling import reconcile_claim
from apps.audit.tags import Tag
from apps.monitoring.clockwork import clock_actor
from apps.monitoring.health import rows_as_told
from apps.monitoring.reconciling import last_night, rows_compare
from apps.workflow.models import Notice
from apps.workflow.templatetags.casework import notice_words
from tests.accounts import factories as people
from tests.audit.factories import branch, locks_off, run

NIGHT = dt.datetime(2026, 5, 4, 17, 5, tzinfo=dt.UTC)  # five past one in China


@pytest.mark.django_db
def test_one_worker_a_night_compares_from_one_o_clock_on() -> None:
    people.institution()
    for moment, done in ((NIGHT, 1), (NIGHT + dt.timedelta(hours=23), 1), (NIGHT + dt.timedelta(hours=24), 2)):
        with time_machine.travel(moment, tick=False):
            assert last_night() <= moment
            assert (rows_compare(clock_actor()), rows_compare(clock_actor())) == (0, 0)
            assert AuditEvent.objects.filter(action=Tag.ROWS_RECONCILED).count() == done


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("now", "night"),
    [("2026-05-04T17:00:00Z", "2026-05-04T17:00:00Z"), ("2026-05-04T16:59:59Z", "2026-05-03T17:00:00Z")],
)
def test_the_night_begins_at_one_where_the_institution_is(now: str, night: str) -> None:
    people.institution()
    with time_machine.travel(dt.datetime.fromisoformat(now), tick=False):
        assert last_night() == dt.datetime.fromisoformat(night)


@pytest.mark.django_db
def test_another_job_of_the_night_does_not_take_its_turn() -> None:
    since = NIGHT - dt.timedelta(days=3650)
    assert reconcile_claim(actor=clock_actor(), since=since)
    assert not reconcile_claim(actor=clock_actor(), since=since)


def test_what_differs_is_on_record_under_the_bell_and_unwell(committed_db: str, client: Client) -> None:
    people.institution()
    guard, clerk = people.staff(Role.SECURITY_OFFICER), people.staff(Role.LOAN_OFFICER)
    row = branch()
    assert (rows_as_told(), last_reconciled()) == (True, None)
    with locks_off():
        run("UPDATE accounts_branch SET name = 'Mine' WHERE id = %s", (row.pk,))
    assert rows_compare(clock_actor()) == 1
    last = last_reconciled()
    assert last is not None
    assert (last.count, last.first) == (1, f"accounts_branch:{row.pk}")
    assert not rows_as_told()
    [notice] = Notice.objects.all()
    assert notice.person_id == guard.person_id
    assert notice.person_id != clerk.person_id
    assert "behind the application" in str(notice_words(notice))
    note = AuditEvent.objects.get(pk=last.number).data["note"]
    assert note["first"] == [
        {
            "object": f"accounts_branch:{row.pk}",
            "kind": "edited",
            "event": note["first"][0]["event"],
            "fields": ["name"],
        }
    ]


def said(**options: Any) -> tuple[str, int]:
    """What the command prints, and its exit code."""
    out = io.StringIO()
    try:
        call_command("audit_reconcile", stdout=out, **options)
    except SystemExit as end:
        return out.getvalue(), int(end.code or 0)
    return out.getvalue(), 0


def test_the_command_says_what_differs_and_fails_then(committed_db: str) -> None:
    rows = [branch() for _row in range(22)]
    words, code = said()
    assert (code, words.splitlines()[-1]) == (0, "Every row is as its newest event left it.")
    with locks_off():
        for row in rows:
            run("UPDATE accounts_branch SET name = 'Mine' WHERE id = %s", (row.pk,))
    words, code = said()
    assert code == 1
    assert f"accounts_branch:{rows[0].pk} was edited behind the application's back (name)" in words
    assert "and 2 more." in words
    words, code = said(json=True)
    report = json.loads(words)
    assert (code, report["differ"], report["kinds"], len(report["first"])) == (1, 22, {"edited": 22}, 22)

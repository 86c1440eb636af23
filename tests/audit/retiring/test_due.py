"""What may retire: old enough by its class, sealed whole, not under a hold."""

from __future__ import annotations

import pytest
from django.utils import timezone

from apps.audit.models import AuditEvent, AuditHead
from apps.audit.retiring import port
from apps.audit.retiring.due import next_due, places, refuse_kept
from apps.audit.retiring.port import Held, KeepingPort
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.classes import DataClass
from apps.core.errors import Refused, Unavailable
from tests.audit.factories import SYSTEM, branch
from tests.audit.retiring.stretches import OLD, old_log
from tests.audit.sealing import seal_all

MONTHS = {DataClass.PERSONAL: 120, DataClass.INTERNAL: 6}


def test_the_oldest_whole_batches_are_due(committed_db: str):
    _row, sizes = old_log()
    due = next_due()
    assert due is not None
    assert (due.start, due.stop) == (0, sizes[1])
    refuse_kept(due)


def test_nothing_is_due_in_a_young_log(committed_db: str):
    assert next_due() is None
    branch()
    seal_all()
    assert next_due() is None
    with pytest.raises(Refused, match="must be kept longer"):
        refuse_kept(places(0, AuditHead.objects.latest("pk").pk))


def test_events_about_cases_are_kept_as_long_as_personal_data(committed_db: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(KeepingPort, "months", staticmethod(lambda data_class: MONTHS[data_class]))
    _row, sizes = old_log()
    with clock.at(timezone.now() - OLD), act(actor=SYSTEM):
        told = record(Tag.CASE_OPENED, actor=SYSTEM, case="LF-2025-000001")
    seal_all()
    due = next_due()
    assert due is not None
    assert due.stop == sizes[1]
    with pytest.raises(Refused, match=f"#{told.pk} must be kept longer"):
        refuse_kept(places(sizes[-1], AuditHead.objects.latest("pk").pk))


def test_no_rule_is_shorter_than_six_months(committed_db: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(KeepingPort, "months", staticmethod(lambda _data_class: 0))
    branch()
    seal_all()
    assert next_due() is None


@pytest.mark.parametrize(("start", "stop"), [(0, 1), (1, 3), (3, 3), (4, 3), (0, 999), (-1, 3)])
def test_a_stretch_begins_and_ends_where_a_batch_was_sealed(committed_db: str, start: int, stop: int):
    old_log()
    with pytest.raises(Refused, match="where a batch was sealed"):
        places(start, stop)


def test_a_hold_wins_and_is_named(committed_db: str, keeping: list[Held]):
    row, sizes = old_log()
    keeping.append(Held("borrower 7", {f"accounts_branch:{row.pk}"}, set()))
    first = AuditEvent.objects.filter(object=f"accounts_branch:{row.pk}").earliest("pk")
    with pytest.raises(Refused, match=rf"borrower 7 \(event #{first.pk}\)"):
        refuse_kept(places(0, sizes[0]))
    keeping[:] = [Held("borrower 8", set(), {"LF-2025-000002"})]
    refuse_kept(places(0, sizes[1]))
    with clock.at(timezone.now() - OLD), act(actor=SYSTEM):
        told = record(Tag.CASE_OPENED, actor=SYSTEM, case="LF-2025-000002")
    seal_all()
    with pytest.raises(Refused, match=rf"borrower 8 \(event #{told.pk}\)"):
        refuse_kept(places(sizes[-1], AuditHead.objects.latest("pk").pk))


def test_an_empty_port_lets_nothing_go(committed_db: str, monkeypatch: pytest.MonkeyPatch):
    _row, sizes = old_log()
    monkeypatch.setattr(KeepingPort, "holds", staticmethod(port.none_known))
    with pytest.raises(Unavailable):
        refuse_kept(places(0, sizes[0]))
    monkeypatch.setattr(KeepingPort, "months", staticmethod(port.not_known))
    with pytest.raises(Unavailable):
        next_due()

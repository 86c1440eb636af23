"""A worker seals by itself; what keeps it from sealing is logged and shown, and never ends it."""

from typing import Any

import pytest
from django.db import DatabaseError
from django.utils import timezone

from apps.audit.models import AuditHead
from apps.audit.overview import sealing
from apps.audit.seals.standing import SealBroken
from apps.monitoring import health, sealer
from apps.monitoring.sealer import Sealer
from tests.audit.factories import branch
from tests.audit.sealing import seal


def test_a_worker_seals_at_its_interval_and_stops_when_told(committed_db: str, settings: Any) -> None:
    settings.LOANFLOW_SEAL_INTERVAL = 0.01
    branch()
    going = Sealer()
    going.start()
    for _ in range(3000):
        if AuditHead.objects.exists():
            break
        going.join(0.01)
    going.stop()
    going.join(30)
    assert not going.is_alive()
    assert sealing().waiting == 0


@pytest.mark.parametrize(
    ("raised", "words"),
    [
        (DatabaseError("locked"), "sealing left out"),
        (SealBroken("x"), "has been changed"),
        (ValueError("x"), "sealing failed"),
    ],
)
def test_a_sealing_that_fails_is_left_out(
    committed_db: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, raised: Exception, words: str
) -> None:
    def fail(**_given: Any) -> None:
        raise raised

    branch()
    monkeypatch.setattr(sealer, "log_seal", fail)
    Sealer().turn()
    assert words in caplog.text


def test_an_event_that_waits_for_ten_intervals_is_unwell(committed_db: str, settings: Any) -> None:
    settings.LOANFLOW_SEAL_INTERVAL = 3600
    branch()
    assert sealing().waiting == 1
    assert sealing().lag < 3600
    assert health.sealing_on_time()
    settings.LOANFLOW_SEAL_INTERVAL = 0
    assert not health.sealing_on_time()
    seal()
    assert (sealing().waiting, sealing().lag, sealing().size) == (0, 0, 2)
    assert sealing().at is not None
    assert sealing().at <= timezone.now()
    assert health.sealing_on_time()
    branch()
    assert not health.sealing_on_time()

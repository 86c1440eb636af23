"""Heads are time-stamped by an authority outside; one that is away is told and stops nobody; a false stamp is found."""

from __future__ import annotations

import datetime as dt
import io
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from apps.audit.models import AuditEvent, AuditHead, AuditTimestamp
from apps.audit.services import stamping
from apps.audit.services.signing import sealer_actor
from apps.audit.services.stamping import log_timestamp
from apps.audit.standalone import loanflow_verify
from apps.audit.tags import Tag
from apps.audit.timestamps import NoTimestamp, checked, stamped
from apps.audit.verify import verify
from apps.monitoring.health import timestamped_on_time
from tests.audit.authority import OPENSSL, certificates, served
from tests.audit.bundles import bundle_bytes, files_of, sealed_again, stored
from tests.audit.factories import branch, locks_off, run
from tests.audit.sealing import newest_head, seal_all

pytestmark = pytest.mark.skipif(OPENSSL is None, reason="OpenSSL's time-stamp authority is not on this machine")
ACTOR = sealer_actor("test")
AWAY = "http://127.0.0.1:9/tsr"


@pytest.fixture
def authority(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An authority that is there and believed."""
    monkeypatch.setattr(stamping, "AGAIN", 0.0)
    settings.LOANFLOW_TSA_ROOTS = certificates(tmp_path)
    with served(tmp_path) as address:
        settings.LOANFLOW_TSA_URL = address
        yield address


def sealed_anew() -> AuditHead:
    branch()
    seal_all()
    return newest_head()


def test_the_newest_head_is_stamped_once_an_hour_and_verified(committed_db: str, authority: str):
    head = sealed_anew()
    assert log_timestamp(actor=ACTOR)
    row = AuditTimestamp.objects.get()
    assert row.head == head.pk
    assert abs(row.at - timezone.now()) < dt.timedelta(minutes=1)
    sealed_anew()
    assert not log_timestamp(actor=ACTOR)
    with time_machine.travel(timezone.now() + dt.timedelta(hours=2)):
        later = sealed_anew()
        assert log_timestamp(actor=ACTOR)
    assert AuditTimestamp.objects.latest("head").head == later.pk
    report = verify()
    assert report.intact, report.first_bad
    assert report.timestamps == 2
    out = io.StringIO()
    call_command("audit_verify", stdout=out)
    assert "2 time-stamps hold or are named below." in out.getvalue()


def test_without_an_authority_nothing_is_asked(committed_db: str):
    sealed_anew()
    assert not log_timestamp(actor=ACTOR)
    assert stamped() is None
    assert timestamped_on_time()


def test_an_authority_that_is_away_is_told_once_and_sealing_goes_on(committed_db: str, authority: str, settings: Any):
    settings.LOANFLOW_TSA_URL = AWAY
    head = sealed_anew()
    for _each in range(2):
        assert not log_timestamp(actor=ACTOR)
    told = AuditEvent.objects.filter(action=Tag.TIMESTAMP_FAILED)
    assert [event.data["note"]["size"] for event in told] == [head.pk]
    assert sealed_anew().pk > head.pk
    settings.LOANFLOW_TSA_URL = authority
    assert log_timestamp(actor=ACTOR)
    assert timestamped_on_time()
    with time_machine.travel(timezone.now() + dt.timedelta(hours=5)):
        settings.LOANFLOW_TSA_URL = AWAY
        sealed_anew()
        assert not log_timestamp(actor=ACTOR)
    assert told.all().count() == 2
    with time_machine.travel(timezone.now() + dt.timedelta(hours=9)):
        assert not timestamped_on_time()


def test_an_answer_that_is_not_the_believed_authoritys_is_not_kept(
    committed_db: str, authority: str, settings: Any, tmp_path: Path
):
    sealed_anew()
    (tmp_path / "other").mkdir()
    settings.LOANFLOW_TSA_ROOTS = certificates(tmp_path / "other", "Somebody else")
    assert not log_timestamp(actor=ACTOR)
    assert not AuditTimestamp.objects.exists()
    answer = AuditEvent.objects.filter(action=Tag.TIMESTAMP_FAILED).latest("pk")
    assert "certificate" in answer.data["note"]["problem"]


def test_the_certificates_to_believe_must_be_there(settings: Any, tmp_path: Path):
    for given, words in (("", "names no certificates"), (tmp_path / "nowhere.pem", "cannot be read")):
        settings.LOANFLOW_TSA_ROOTS = given
        with pytest.raises(NoTimestamp, match=words):
            checked(b"", "x")


TAMPERED = {
    "another head": ("UPDATE audit_timestamp SET head = (SELECT MIN(id) FROM audit_head)", (), "does not hold"),
    "no head": ("UPDATE audit_timestamp SET head = 99999", (), "the log does not hold it"),
    "another time": ("UPDATE audit_timestamp SET at = '2020-01-01 00:00:00'", (), "another time"),
    "another answer": ("UPDATE audit_timestamp SET answer = %s", (b"x",), "does not hold"),
}


@pytest.mark.parametrize("way", TAMPERED)
def test_a_false_time_stamp_is_found(committed_db: str, authority: str, way: str):
    sealed_anew()
    sealed_anew()
    assert log_timestamp(actor=ACTOR)
    statement, values, words = TAMPERED[way]
    with locks_off():
        run(statement, values)
    assert any(words in fault.words for fault in verify().faults if fault.kind == "timestamp")


def test_a_bundle_brings_the_newest_stamp_which_openssl_verifies(
    committed_db: str, authority: str, settings: Any, tmp_path: Path
):
    first = sealed_anew()
    assert log_timestamp(actor=ACTOR)
    sealed_anew()
    bundle = bundle_bytes()
    files = files_of(bundle)
    assert files["timestamped.txt"].decode() == first.note
    told = loanflow_verify.verify(stored(tmp_path, bundle)).unproved
    assert [one for one in told if f"the head of {first.pk} events was there" in one]
    for name in ("timestamped.txt", "timestamp.tsr"):
        (tmp_path / name).write_bytes(files[name])
    assert openssl_verified(tmp_path, settings.LOANFLOW_TSA_ROOTS)
    (tmp_path / "timestamped.txt").write_bytes(files["timestamped.txt"].replace(b"time 2", b"time 1"))
    assert not openssl_verified(tmp_path, settings.LOANFLOW_TSA_ROOTS)


def test_a_bundle_whose_stamp_is_of_another_head_is_refused(committed_db: str, authority: str, tmp_path: Path):
    sealed_anew()
    assert log_timestamp(actor=ACTOR)
    files = files_of(bundle_bytes())
    files["timestamped.txt"] = sealed_anew().note.encode()
    with pytest.raises(loanflow_verify.Refused, match="time-stamped head"):
        loanflow_verify.verify(stored(tmp_path, sealed_again(files)))


def test_a_bundle_of_a_log_without_stamps_says_nothing_of_any(committed_db: str, tmp_path: Path):
    sealed_anew()
    bundle = bundle_bytes()
    assert not {"timestamped.txt", "timestamp.tsr"} & files_of(bundle).keys()
    assert not [one for one in loanflow_verify.verify(stored(tmp_path, bundle)).unproved if "authority" in one]


def openssl_verified(folder: Path, roots: Any) -> bool:
    """Whether the command that the verifier names finds the stamp sound."""
    command = ["ts", "-verify", "-in", "timestamp.tsr", "-data", "timestamped.txt", "-CAfile"]
    done = subprocess.run([str(OPENSSL), *command, str(roots)], cwd=folder, check=False, capture_output=True)
    return done.returncode == 0

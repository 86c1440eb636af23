"""What borrowers ask of their data besides a copy, the answer in time, and copies that are erased when their time is over."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.audit.models import AuditEvent
from apps.borrowers.models import BorrowerAccess, PrivacyRequest
from apps.core import clock
from apps.core.errors import BadInput, NotVisible, Refused, StepUpNeeded
from apps.monitoring.clockwork import clock_actor, clock_round
from apps.portal.privacy import privacy_answer, privacy_ask
from apps.portal.requesting import OPEN_FOR, copies_erase
from apps.vault.errors import Forgotten
from apps.vault.files import open_stream, storage
from apps.vault.models import EncryptedFile
from tests.accounts import factories as people
from tests.portal.test_requesting import World, asker, build, given
from tests.worlds import once_a_module

world = once_a_module(build)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]


def asked(world: World, kind: str = "correction", words: str = "We have moved.") -> PrivacyRequest:
    return privacy_ask(actor=asker(world), borrower=world.case.borrower, kind=kind, words=words)


@pytest.mark.parametrize("kind", ["access", "correction", "deletion"])
def test_a_request_has_a_last_day_and_its_words_are_sealed(world: World, kind: str) -> None:
    request = asked(world, kind)
    assert request.due_on == clock.today() + dt.timedelta(days=15)
    assert PrivacyRequest.objects.get(pk=request.pk).words.reveal() == "We have moved."
    with pytest.raises(Refused, match="asked already"):
        asked(world, kind)


def test_only_a_known_person_asks_and_only_with_a_fresh_code(world: World) -> None:
    with pytest.raises(StepUpNeeded):
        privacy_ask(actor=asker(world, fresh=False), borrower=world.case.borrower, kind="access")
    with pytest.raises(NotVisible):
        privacy_ask(actor=people.actor_for(people.borrower_account()), borrower=world.case.borrower, kind="access")
    with pytest.raises(BadInput, match="what is wrong"):
        asked(world, words=" ")
    with pytest.raises(BadInput, match="2000"):
        asked(world, words="x" * 2001)


@pytest.mark.unrecorded
def test_who_is_not_confirmed_as_a_person_of_the_business_asks_nothing(world: World) -> None:
    BorrowerAccess._base_manager.filter(account=world.account).update(self_made=True)
    with pytest.raises(Refused, match="not yet confirmed"):
        asked(world)


def test_nobody_answers_their_own_request(world: World) -> None:
    request = asked(world)
    own = dataclasses.replace(people.actor_for(world.compliance), person_id=world.account.person_id)
    with pytest.raises(Refused, match="somebody else answers"):
        privacy_answer(actor=own, request=request, outcome="granted", answer="yes")


def test_the_answer_is_anothers_once_and_in_words(world: World) -> None:
    request, compliance = asked(world), people.actor_for(world.compliance)
    with pytest.raises(BadInput, match="is to read"):
        privacy_answer(actor=compliance, request=request, outcome="granted", answer=" ")
    privacy_answer(actor=compliance, request=request, outcome="refused", answer="The register says otherwise.")
    with pytest.raises(Refused, match="answered already"):
        privacy_answer(actor=compliance, request=request, outcome="granted", answer="yes")
    held = PrivacyRequest.objects.get(pk=request.pk)
    assert (held.outcome, held.answer.reveal()) == ("refused", "The register says otherwise.")
    event = AuditEvent.objects.filter(action="borrowers.privacy_answered").latest("id")
    assert event.data["note"] == {"kind": "correction", "outcome": "refused"}
    assert "register" not in event.body


def test_the_borrower_asks_and_reads_in_the_portal_and_the_bank_answers(world: World) -> None:
    owner, bank = Client(), Client()
    people.signed_in(owner, world.account)
    people.signed_in(bank, world.compliance)
    ask = reverse("portal:privacy_ask", args=[world.case.borrower_id, "deletion"])
    assert owner.get(ask).status_code == 200
    assert owner.get(reverse("portal:privacy_ask", args=[world.case.borrower_id, "nonsense"])).status_code == 404
    assert owner.post(ask, {"words": "Delete everything."}).status_code == 302
    request = PrivacyRequest.objects.latest("id")
    listed = bank.get(reverse("console:privacy")).content.decode()
    assert str(request.uuid) in listed
    answer = reverse("portal:privacy_request", args=[request.uuid])
    assert "Delete everything." in bank.get(answer).content.decode()
    kept = "Loan data have to be kept until 2036."
    assert bank.post(answer, {"outcome": "refused", "answer": kept}).status_code == 302
    assert kept in owner.get(reverse("portal:my_data")).content.decode()
    assert kept in bank.get(answer).content.decode()
    officer = Client()
    people.signed_in(officer, people.staff(Role.AUDITOR, world.case.branch))
    assert officer.get(answer).status_code == 403


def test_copies_whose_time_is_over_are_erased_by_the_clock(
    world: World, settings: Any, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    settings.LOANFLOW_JOURNAL = tmp_path / "journal"  # its lines outlive the roll-back of the test
    request = given(world)
    files = [request.readable, request.data]
    assert copies_erase(clock_actor()) == 0
    with clock.at(clock.now() + OPEN_FOR + dt.timedelta(minutes=1)):
        with django_capture_on_commit_callbacks(execute=True):
            assert clock_round(clock_actor())["copies of data erased"] == 1
        assert copies_erase(clock_actor()) == 0
    for file in files:
        held = EncryptedFile.objects.get(pk=file.pk)
        assert (bytes(held.file_key), held.sha256) == (b"", file.sha256)
        assert held.erased_at is not None
        assert not storage().exists(file.storage_name)
        with pytest.raises(Forgotten):
            open_stream(held)
    event = AuditEvent.objects.filter(action="portal.data_erased").latest("id")
    assert event.data["note"]["sha256"] == [file.sha256 for file in files]
    assert Path(settings.MEDIA_ROOT).exists()


def test_whoever_reads_what_was_asked_leaves_a_record(world: World, client: Client) -> None:
    request = asked(world)
    people.signed_in(client, world.compliance)
    assert client.get(reverse("portal:privacy_request", args=[request.uuid])).status_code == 200
    event = AuditEvent.objects.filter(action="borrowers.privacy_read").latest("pk")
    assert (event.data["kind"], event.data["subject"]["object"]) == ("read", f"borrowers_privacyrequest:{request.pk}")

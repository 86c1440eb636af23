"""A sample is drawn on the page, shows its seed and population, says what was opened, and is exported as it was drawn."""

from __future__ import annotations

import io
import json
import re
import zipfile

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.audit.models import AuditEvent, AuditExport
from apps.audit.tags import Tag
from apps.console.saved import Keeping, filter_save
from apps.core.actor import Actor
from tests.accounts import factories as people
from tests.accounts.log import count, newest

pytestmark = pytest.mark.django_db
SAMPLES, EXPORT = reverse("console:audit_samples"), reverse("console:audit_export")
WHY = {"format": "csv", "reason": "internal_audit", "words": "yearly"}


def client_of(role: Role, **where: object) -> tuple[Client, Actor]:
    client, account = Client(), people.staff(role, **where)  # type: ignore[arg-type]
    people.signed_in(client, account)
    return client, people.actor_for(account)


@pytest.fixture
def auditor() -> Client:
    people.institution()
    return client_of(Role.AUDITOR)[0]


def drawn(client: Client, **asked: object) -> AuditEvent:
    answer = client.post(SAMPLES, {"size": 3, **asked})
    assert answer.status_code == 302
    return AuditEvent.objects.filter(action=Tag.SAMPLE_DRAWN).latest("pk")


def page(event: AuditEvent) -> str:
    return reverse("console:audit_sample", args=[event.pk])


def test_a_sample_is_drawn_shown_and_exported(auditor: Client):
    assert "Nobody has drawn a sample yet." in auditor.get(SAMPLES).content.decode()
    event = drawn(auditor)
    note = event.data["note"]
    text = auditor.get(page(event)).content.decode()
    assert re.search(rf"data-population>{note['population']}<", text)
    assert re.search(rf"data-seed>{note['seed']}<", text)
    assert "the same events come" in text
    assert all(reverse("console:audit_event", args=[number]) in text for number in note["numbers"])
    assert newest(Tag.LOG_READ)["note"] == {"sample": event.pk, "rows": 3}
    assert f"3 of {note['population']} events" in auditor.get(SAMPLES).content.decode()
    form = auditor.get(EXPORT, {"sample": event.pk}).content.decode()
    assert f"Sample #{event.pk}" in form
    assert 'name="outcome"' not in form, "the filters stay as they were"
    answer = auditor.post(EXPORT, {**WHY, "sample": event.pk, "outcome": "refused"})
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    assert (manifest["rows"], manifest["filter"]) == (3, {})
    assert manifest["sample"] == {name: note[name] for name in ("size", "seed", "population", "upto")}


def test_a_seed_that_somebody_tried_at_home_is_not_taken(auditor: Client):
    assert 'name="seed"' not in auditor.get(SAMPLES).content.decode()
    assert drawn(auditor, seed="7").data["note"]["seed"] != "7"


def test_a_bundle_of_it_is_ordered_with_the_sample(auditor: Client):
    event = drawn(auditor)
    assert auditor.post(EXPORT, {**WHY, "format": "bundle", "sample": event.pk}).status_code == 302
    asked = AuditEvent.objects.get(pk=AuditExport.objects.get().event).data["note"]
    assert asked["sample"] == {"size": 3, "seed": event.data["note"]["seed"], "upto": event.data["note"]["upto"]}


def test_what_was_opened_is_marked(auditor: Client):
    event = drawn(auditor)
    number = event.data["note"]["numbers"][0]
    auditor.get(reverse("console:audit_event", args=[number]))
    text = auditor.get(page(event)).content.decode()
    assert re.search(r"data-opened>1<", text)
    assert text.count("opened by you") == 1


def test_the_filters_of_the_log_come_along(auditor: Client):
    text = auditor.get(SAMPLES, {"outcome": "done"}).content.decode()
    assert '<option value="done" selected>' in text
    event = drawn(auditor, outcome="done", kind="act")
    assert event.data["note"]["filter"] == {"outcome": "done", "kind": "act"}
    assert "Outcome: done" in auditor.get(page(event)).content.decode()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"size": "0"}, "greater than or equal to 1"),
        ({"size": "201"}, "less than or equal to 200"),
        ({"size": ""}, "This field is required"),
        ({"size": "many"}, "Enter a whole number"),
        ({"actor": "nobody-1"}, "nothing to draw from"),
        ({"since": "2026-05-02", "until": "2026-05-01"}, "before the first"),
    ],
)
def test_what_makes_no_sense_is_said_so(auditor: Client, asked: dict[str, str], words: str):
    answer = auditor.post(SAMPLES, {"size": "3", **asked})
    assert (answer.status_code, words in answer.content.decode()) == (400, True)
    assert count(Tag.SAMPLE_DRAWN) == 0


@pytest.mark.parametrize("sample", ["x", "1", "0", "-1", "9" * 30])
def test_a_sample_that_is_none_is_not_exported(auditor: Client, sample: str):
    assert auditor.get(EXPORT, {"sample": sample}).status_code == 404
    assert auditor.post(EXPORT, {**WHY, "sample": sample}).status_code == 404


def test_a_reader_of_one_branch_draws_from_it_and_sees_no_other_sample(auditor: Client):
    whole = drawn(auditor)
    near, actor = client_of(Role.AUDITOR, branch=people.branch("NEAR"))
    assert near.get(page(whole)).status_code == 404
    assert near.get(EXPORT, {"sample": whole.pk}).status_code == 404
    part = drawn(near)
    assert part.data["note"]["scope"] == {"branches": sorted(actor.branch_ids)}
    numbers = part.data["note"]["numbers"]
    assert set(AuditEvent.objects.filter(pk__in=numbers).values_list("branch", flat=True)) <= actor.branch_ids
    assert near.get(page(part)).status_code == 200
    assert near.get(EXPORT, {"sample": part.pk}).status_code == 200


def test_who_may_not_export_is_not_led_there():
    people.institution()
    account = people.staff(Role.SECURITY_OFFICER)
    client = Client()
    people.signed_in(client, account)
    event = drawn(client)
    text = client.get(page(event)).content.decode()
    assert "Export the sample" not in text, "security officers export nothing"


@pytest.mark.parametrize("address", ["samples", "export"])
def test_saved_filters_are_offered_where_they_are_of_use(address: str):
    people.institution()
    client, actor = client_of(Role.AUDITOR)
    filter_save(actor=actor, query="outcome=refused", keeping=Keeping("Refusals"))
    text = client.get(reverse(f"console:audit_{address}")).content.decode()
    assert 'href="?outcome=refused">Refusals</a>' in text
    assert (
        '<option value="refused" selected>'
        in client.get(f"{reverse(f'console:audit_{address}')}?outcome=refused").content.decode()
    )


def test_only_who_reads_the_log_draws():
    people.institution()
    client, _actor = client_of(Role.LOAN_OFFICER)
    assert client.get(SAMPLES).status_code == 403
    assert client.post(SAMPLES, {"size": 3}).status_code == 403


def test_the_list_of_samples_is_a_look_on_record(auditor: Client):
    drawn(auditor)
    auditor.get(SAMPLES)
    assert newest(Tag.LOG_READ)["note"] == {"view": "console:audit_samples", "shown": 1}

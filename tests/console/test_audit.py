"""The audit explorer, as an auditor uses it and as others are kept from it."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import hashlib
import io
import json
import re
import zipfile
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.roles import Role
from apps.accounts.models import Account
from apps.accounts.services import places
from apps.audit import overview, selectors
from apps.audit.canonical import digest
from apps.audit.models import AuditEvent, AuditMacKey
from apps.audit.overview import CodeState, code_state
from apps.audit.selectors import WHOLE_LOG
from apps.audit.services import act, record, record_read
from apps.audit.services.verifying import log_verify
from apps.audit.tags import Tag
from apps.audit.touched import object_key
from apps.audit.verify import Fault, Report
from apps.console import audit_lines, saved
from apps.console.models import SavedFilter
from apps.core import clock
from apps.core.actor import Actor
from apps.vault.errors import KeysUnavailable
from tests.accounts import factories
from tests.accounts.log import count, newest
from tests.workflow import factories as cases

pytestmark = pytest.mark.django_db
AUDIT, EXPORT, VERIFY = (reverse(f"console:{name}") for name in ("audit", "audit_export", "audit_verify"))
ROW = re.compile(r'data-row-link href="/audit/events/(\d+)/"')
WRITER = Actor.system("day-end", channel="test")


@pytest.fixture
def auditor(client: Client) -> Client:
    """Sign an auditor of all branches in."""
    factories.signed_in(client, factories.staff(Role.AUDITOR, handle="auditor-1"))
    return client


def page(client: Client, query: str = "") -> str:
    """Text of the explorer for a query."""
    answer = client.get(f"{AUDIT}?{query}")
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def numbers(text: str) -> list[int]:
    """Numbers of the events that a page lists."""
    return [int(number) for number in ROW.findall(text)]


def noted(tag: Tag = Tag.DAY_ENDED, actor: Actor = WRITER, **facts: Any) -> AuditEvent:
    """Write an event."""
    with act(actor=actor):
        return record(tag, actor=actor, **facts)


def event_page(number: int) -> str:
    """Address of an event's page."""
    return reverse("console:audit_event", args=[number])


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.AUDITOR, 200), (Role.COMPLIANCE_OFFICER, 200), (Role.SECURITY_OFFICER, 200),
     (Role.ADMINISTRATOR, 200), (Role.LOAN_OFFICER, 403), (Role.APPROVER_3, 403)],
)  # fmt: skip
def test_only_roles_with_the_permission_see_the_log(client: Client, role: Role, status: int) -> None:
    factories.signed_in(client, factories.staff(role))
    number = noted(Tag.BRANCH_CHANGED).pk
    assert client.get(AUDIT).status_code == status
    assert client.get(event_page(number)).status_code == status


@pytest.mark.parametrize(
    ("role", "export", "verify"),
    [(Role.AUDITOR, 200, 302), (Role.SECURITY_OFFICER, 403, 302), (Role.COMPLIANCE_OFFICER, 403, 403),
     (Role.TEAM_LEAD, 403, 403)],
)  # fmt: skip
def test_exporting_and_verifying_are_permissions_of_their_own(
    client: Client, role: Role, export: int, verify: int
) -> None:
    factories.signed_in(client, factories.staff(role))
    assert client.get(EXPORT).status_code == export
    assert client.post(VERIFY).status_code == verify
    assert count(Tag.LOG_VERIFIED) == (verify == 302)
    assert client.get(VERIFY).status_code in {403, 405}


def test_strangers_are_sent_to_sign_in(client: Client) -> None:
    assert client.get(AUDIT).status_code == 302


def test_buttons_and_navigation_follow_the_permissions(client: Client) -> None:
    factories.signed_in(client, factories.staff(Role.COMPLIANCE_OFFICER))
    text = page(client)
    assert f'href="{AUDIT}"' in text
    assert EXPORT not in text
    assert VERIFY not in text
    factories.signed_in(client, factories.staff(Role.AUDITOR))
    text = page(client)
    assert EXPORT in text
    assert VERIFY in text


def test_a_row_says_who_did_what_to_what_and_with_which_factor(auditor: Client) -> None:
    noted(
        Tag.CASE_SIGNED, factories.actor_for(factories.staff(handle="approver-4"), fresh=False), case="LF-2026-004817"
    )
    text = page(auditor, "actor=approver-4&action=workflow.signed")
    for words in ("approver-4", "Case signed", "LF-2026-004817", "192.0.2.1", "TOTP 1 h"):
        assert words in text


def test_what_changed_stands_in_the_row(auditor: Client) -> None:
    branch = factories.branch("JN", name="Jinan")
    places.branch_change(actor=WRITER, branch=branch, name="Jinan South", parent=None)
    assert "name: Jinan → Jinan South" in page(auditor, "action=accounts.branch_changed")


FILTERS = [
    ("actor=system:day-end", {"plain", "case", "purpose", "failed"}), ("about=LF-1", {"case"}),
    ("action=post_loan.day_ended", {"plain", "failed"}), ("action=workflow.&actor=system:day-end", {"case"}),
    ("outcome=failed", {"failed"}), ("purpose=stated", {"purpose"}), ("role=appraiser", {"roles"}),
    ("address=192.0.2.77", {"roles"}), ("request=r-1", {"roles"}), ("kind=read&actor=system:day-end", {"purpose"}),
    ("kind=act&actor=system:day-end", {"plain", "case", "failed"}), ("actor=nobody", set()),
    ("about=LF-1&outcome=failed", set()), ("branch=BRANCH", {"branch"}),
]  # fmt: skip


@pytest.mark.parametrize(("query", "expected"), FILTERS)
def test_the_log_is_narrowed(auditor: Client, query: str, expected: set[str]) -> None:
    jinan = factories.branch("JN")
    near = factories.actor_for(factories.staff(Role.APPRAISER))
    from_afar = dataclasses.replace(near, address="192.0.2.77", request_id="r-1")
    made = {
        "plain": noted(), "case": noted(Tag.CASE_CLAIMED, case="LF-1"), "failed": noted(outcome="failed"),
        "roles": noted(actor=from_afar, tag=Tag.JOB_STARTED),
        "purpose": record_read(Tag.REPORT_OPENED, actor=WRITER, purpose="checking"),
        "branch": granted(factories.staff(branch=jinan) and jinan.pk),
    }  # fmt: skip
    found = set(numbers(page(auditor, query.replace("BRANCH", str(jinan.pk)))))
    assert {name for name, event in made.items() if getattr(event, "pk", event) in found} == expected


def test_an_object_is_found_by_its_key_and_a_borrower_by_its_number(auditor: Client) -> None:
    jinan = factories.branch("JN")
    places.branch_change(actor=WRITER, branch=jinan, name="Other", parent=None)
    changed = AuditEvent.objects.get(action=Tag.BRANCH_CHANGED).pk
    assert changed in numbers(page(auditor, f"about={object_key(jinan)}"))
    assert changed not in numbers(page(auditor, "about=accounts_branch:0"))
    page(auditor, "about=1182")
    assert newest(Tag.LOG_READ)["note"]["filter"] == {"object": "borrowers_borrower:1182"}


def test_days_include_both_ends(auditor: Client) -> None:
    now = clock.now()
    with clock.at(now - dt.timedelta(days=40)):
        old = noted()
    old.refresh_from_db()
    day = old.at.astimezone(dt.timezone(dt.timedelta(hours=8))).date().isoformat()
    assert old.pk in numbers(page(auditor, f"since={day}&until={day}"))
    assert old.pk not in numbers(page(auditor, f"since={now:%Y-%m-%d}"))
    assert auditor.get(f"{AUDIT}?since=2026-02-02&until=2026-02-01").status_code == 400


def test_pages_follow_one_another_without_gaps(auditor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors.events, "__kwdefaults__", {**selectors.events.__kwdefaults__, "size": 2})
    made = [noted().pk for _each in range(5)]
    seen, query = [], "action=post_loan.day_ended"
    while query:
        text = page(auditor, query)
        seen += numbers(text)
        following = re.search(r'rel="next" href="\?([^"]+)"', text)
        query = following.group(1).replace("&amp;", "&") if following else ""
    assert seen == made[::-1]


def test_a_page_costs_the_same_for_many_events(auditor: Client, django_assert_max_num_queries: Any) -> None:
    for _each in range(30):
        noted()
    with django_assert_max_num_queries(26):
        page(auditor)


def test_each_look_is_recorded_once_with_its_question(auditor: Client) -> None:
    before = count(Tag.LOG_READ)
    page(auditor, "actor=officer-9&outcome=refused")
    assert count(Tag.LOG_READ) == before + 1
    look = newest(Tag.LOG_READ)
    assert (look["name"], look["kind"]) == ("auditor-1", "read")
    assert look["note"]["filter"] == {"actor": "officer-9", "outcome": "refused"}
    assert look["note"]["rows"] == 0


HOSTILE = [
    "cursor=" + "W" * 6000, "cursor=%00", "cursor=WzFlOTk5XQ", "cursor=WzEwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMF0", "cursor=é",
    "actor=%00", "actor='--", "about=%F0%9F%92%A9", "about=" + "9" * 80, "about=:::", "branch=99999999999999999999999",
    "branch=x", "branch=-1", "since=0001-01-01", "until=9999-12-31", "since=nonsense", "role=x", "action=%3Cscript%3E",
    "outcome=x&outcome=y", "kind[]=1", "request=" + "x" * 5000, "address=::1", "purpose=" + quote("=1+1|cmd"), "about=²",
]  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE)
def test_hostile_queries_are_answered(auditor: Client, query: str) -> None:
    for address in (AUDIT, EXPORT):
        answer = auditor.get(f"{address}?{query}")
        assert answer.status_code in {200, 400}
        assert b"<script>" not in answer.content


def test_what_cannot_be_asked_shows_no_event(auditor: Client) -> None:
    answer = auditor.get(f"{AUDIT}?role=nonsense")
    assert answer.status_code == 400
    assert not numbers(answer.content.decode())


def test_an_auditor_of_one_branch_sees_that_branch_only(client: Client) -> None:
    jinan, other = factories.branch("JN"), factories.branch("QD")
    factories.signed_in(client, factories.staff(Role.AUDITOR, jinan))
    factories.staff(branch=other)
    general, seen, hidden = noted().pk, granted(jinan.pk), granted(other.pk)
    assert numbers(page(client, "action=access.")) == [seen]
    assert [client.get(event_page(number)).status_code for number in (seen, hidden, general)] == [200, 404, 404]
    manifest, _data = unzipped(client.post(EXPORT, ASKED))
    assert manifest["scope"] == {"branches": [jinan.pk]}
    assert manifest["last"] < hidden


def granted(branch: int) -> int:
    """Number of the event of a role granted over a branch."""
    return AuditEvent.objects.get(action=Tag.ROLE_GRANTED, branch=branch).pk


def test_the_figures_of_today(auditor: Client) -> None:
    assert "not verified yet" in page(auditor)
    record_read(Tag.REVEALED, actor=factories.actor_for(factories.staff()), purpose="call")
    noted(outcome="refused", guard="own_case")
    record_read(Tag.REPORT_EXPORTED, actor=WRITER, purpose="board")
    with clock.at(clock.now() - dt.timedelta(days=3)):
        noted(outcome="refused")
    found = overview.figures(clock.now() - dt.timedelta(hours=1), WHOLE_LOG)
    assert (found.reveals, found.revealers, found.refused, found.exports) == (1, 1, 1, 1)
    assert "guard: own case" in page(auditor)


def test_an_event_opens_with_body_digest_code_and_neighbours(auditor: Client) -> None:
    branch = factories.branch("JN", name="Jinan")
    for name in ("<script>alert(1)</script>", "Two", "Three"):
        places.branch_change(actor=WRITER, branch=branch, name=name, parent=None)
    last, middle, first = AuditEvent.objects.filter(action=Tag.BRANCH_CHANGED).order_by("-pk")
    text = auditor.get(event_page(middle.pk)).content.decode()
    assert digest(middle.body) in text
    assert 'data-code="fits"' in text
    assert event_page(first.pk) in text
    assert event_page(last.pk) in text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text
    assert newest(Tag.EVENT_OPENED)["note"] == {"number": middle.pk}


@pytest.mark.parametrize("number", [0, 99999999, 10**30])
def test_an_event_that_is_not_there_is_not_there(auditor: Client, number: int) -> None:
    assert auditor.get(event_page(number)).status_code == 404
    assert count(Tag.EVENT_OPENED, "done") == 0


def test_the_code_says_when_a_body_was_altered_or_its_key_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    event = noted()
    assert code_state(event) is CodeState.FITS
    event.body = event.body.replace("day_ended", "day_begun")
    assert code_state(event) is CodeState.ALTERED
    monkeypatch.setattr(overview, "unwrapped", away)
    assert code_state(event) is CodeState.AWAY
    event.mac_key = "none"
    assert code_state(event) is CodeState.KEY_MISSING


def away(_row: AuditMacKey) -> bytes:
    """A key service that does not answer."""
    raise KeysUnavailable


@pytest.mark.parametrize("body", ["", "[]", "{", '{"touched": 7, "subject": "x", "factor": [], "purpose": 1}'])
def test_a_row_is_drawn_from_any_body(body: str) -> None:
    columns = dict.fromkeys(("at", "action", "outcome", "actor", "address"))
    event = AuditEvent(pk=7, body=body)
    event.__dict__.update(columns)
    assert audit_lines.line_of(event).number == 7
    assert audit_lines.pretty(event) or not body


ASKED = {"format": "csv", "reason": "supervision", "words": "letter of 3 May"}


def unzipped(answer: Any) -> tuple[dict[str, Any], bytes]:
    """Manifest and events of a downloaded export."""
    assert answer.status_code == 200, answer.content[:500]
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    manifest = json.loads(archive.read("manifest.json"))
    return manifest, archive.read(manifest["file"])


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_an_export_fits_its_manifest_and_is_recorded(auditor: Client, form: str) -> None:
    made = [noted().pk for _each in range(3)]
    answer = auditor.post(EXPORT, {**ASKED, "format": form, "action": "post_loan.day_ended"})
    assert answer["Content-Type"] == "application/zip"
    manifest, data = unzipped(answer)
    assert hashlib.sha256(data).hexdigest() == manifest["sha256"]
    assert (manifest["rows"], manifest["first"], manifest["last"]) == (3, made[0], made[-1])
    exported = newest(Tag.LOG_EXPORTED)
    assert exported["note"]["sha256"] == manifest["sha256"]
    assert exported["purpose"] == {"code": "supervision", "text": "letter of 3 May"}


def test_cells_that_begin_like_formulas_become_text(auditor: Client) -> None:
    for start in "=+-@":
        record_read(Tag.REPORT_OPENED, actor=WRITER, purpose=f"{start}1+1")
    _manifest, data = unzipped(auditor.post(EXPORT, {**ASKED, "action": "reports.opened"}))
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert [row["purpose_text"] for row in rows] == ["'=1+1", "'+1+1", "'-1+1", "'@1+1"]


@pytest.mark.parametrize(
    "change", [{"reason": ""}, {"words": ""}, {"format": "pdf"}, {"actor": "\x00"}, {"reason": "x"}]
)
def test_an_export_without_a_purpose_is_refused_and_keeps_what_was_typed(
    auditor: Client, change: dict[str, str]
) -> None:
    answer = auditor.post(EXPORT, {**ASKED, "role": "appraiser", **change})
    assert answer.status_code == 400
    assert '<option value="appraiser" selected' in answer.content.decode()
    assert count(Tag.LOG_EXPORTED) == 0


def test_the_export_begins_with_the_pages_filters(auditor: Client) -> None:
    text = auditor.get(f"{EXPORT}?role=appraiser").content.decode()
    assert '<option value="appraiser" selected' in text


def test_exporting_asks_for_a_fresh_factor(auditor: Client) -> None:
    with clock.at(clock.now() + dt.timedelta(minutes=6)):
        assert auditor.get(EXPORT).url.startswith("/account/step-up/")
        assert auditor.post(EXPORT, ASKED).status_code == 403
        assert count(Tag.LOG_EXPORTED) == 0
        code = factories.code_for(Account.objects.get(handle="auditor-1"))
        assert auditor.post(EXPORT, {**ASKED, "one_time_code": code}).status_code == 200


def test_verifying_is_recorded_and_shown(auditor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.audit.services.verifying.verify", lambda since: Report(checked=9, first=1, last=9))
    answer = auditor.post(VERIFY, follow=True)
    text = answer.content.decode()
    assert "The log is intact: 9 events checked" in text
    assert "#1 to #9, checked by auditor-1" in text
    assert newest(Tag.LOG_VERIFIED)["note"]["intact"] is True


@pytest.mark.parametrize(("event", "words"), [(4, "first at event #4"), (0, "none of a single event")])
def test_a_log_that_is_not_intact_is_said_to_be_so(
    auditor: Client, monkeypatch: pytest.MonkeyPatch, event: int, words: str
) -> None:
    bad = Report(9, 1, 9, 9, 1, [Fault(event, "code", "altered")])
    monkeypatch.setattr("apps.audit.services.verifying.verify", lambda since: bad)
    text = auditor.post(VERIFY, follow=True).content.decode()
    assert words in text
    assert "NOT intact" in text
    found = overview.last_verified()
    assert found is not None
    assert (found.intact, found.first_bad) == (False, event)


def test_a_verification_is_bounded() -> None:
    made = [noted().pk for _each in range(5)]
    report = log_verify(actor=WRITER, most=2)
    assert (report.checked, report.first, report.last) == (2, made[-2], made[-1])
    assert newest(Tag.LOG_VERIFIED)["note"]["first"] == made[-2]


def test_a_borrowers_number_reaches_their_cases_documents_and_loans(auditor: Client) -> None:
    mine, other = cases.case(), cases.case()
    for row in (mine, other):
        with act(actor=WRITER):
            record(Tag.DOCUMENT_ADDED, actor=WRITER, case=row)
            record(Tag.LOAN_OPENED, actor=WRITER, case=row)
    shown = numbers(page(auditor, f"about={mine.borrower_id}"))
    found = set(AuditEvent.objects.filter(pk__in=shown).values_list("action", "case"))
    assert {("workflow.created", mine.number), ("applications.document_added", mine.number),
            ("post_loan.opened", mine.number), ("borrowers.created", None)} <= found  # fmt: skip
    assert other.number not in {case for _action, case in found}
    assert auditor.get(AUDIT, {"about": "9" * 40}).status_code == 200


def test_filters_are_saved_under_a_name_used_and_deleted_by_their_owner_alone(auditor: Client) -> None:
    new = reverse("console:audit_filter_new") + "?outcome=refused&actor=officer-1&cursor=x&nonsense=1"
    assert auditor.post(new, {"name": ""}).status_code == 400
    assert auditor.post(new, {"name": "Refusals"}).url == f"{AUDIT}?actor=officer-1&outcome=refused"
    assert newest(Tag.FILTER_SAVED)["outcome"] == "done"
    kept = SavedFilter.objects.get()
    assert f'href="{AUDIT}?actor=officer-1&amp;outcome=refused">Refusals</a>' in auditor.get(AUDIT).content.decode()
    auditor.post(reverse("console:audit_filter_new") + "?outcome=failed", {"name": "Refusals"})  # replaced
    assert SavedFilter.objects.get().query == "outcome=failed"
    other = Client()
    factories.signed_in(other, factories.staff(Role.AUDITOR))
    assert ">Refusals</a>" not in other.get(AUDIT).content.decode()
    gone = reverse("console:audit_filter_gone", args=[kept.uuid])
    assert other.post(gone).status_code == 404
    assert auditor.post(gone).url == AUDIT
    assert newest(Tag.FILTER_DELETED)["outcome"] == "done"
    assert not SavedFilter.objects.exists()


def test_what_cannot_be_saved_says_why(auditor: Client) -> None:
    new = reverse("console:audit_filter_new")
    assert "Choose at least one filter" in auditor.post(new, {"name": "x"}).content.decode()
    assert auditor.get(f"{new}?about=a%20b").url == f"{AUDIT}?about=a+b"
    for number in range(saved.MOST):
        auditor.post(f"{new}?outcome=done", {"name": f"filter {number}"})
    assert "Delete one first" in auditor.post(f"{new}?outcome=done", {"name": "one more"}).content.decode()

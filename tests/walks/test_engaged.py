"""An auditor bound to an engagement goes through every door: nothing that the engagement does not name is there.

Every page that an auditor may open is asked for with the real arguments of a foreign case, its borrower, its loans and its events;
every page without arguments is read for the foreign case's number, its borrower's name and the numbers of its events.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from apps.access.gate import mark_of
from apps.access.roles import ROLE_TABLE, Role
from apps.accounts.models import Account
from apps.audit.models import AuditEvent, AuditExport
from apps.audit.services.exports import export_run
from apps.audit.services.sealing import log_seal
from apps.audit.services.signing import sealer_actor
from apps.audit.tags import Tag
from apps.console.audit_scope import events_visible_to
from apps.workflow.models import Engagement, LoanCase
from apps.workflow.services.engaging import engagement_end
from tests.accounts import factories as people
from tests.accounts.log import newest
from tests.walks.addresses import Page, open_to, pages
from tests.walks.arguments import arguments_of
from tests.walks.test_objects import OF_CASES, OF_THE_HOUSE
from tests.walks.world import World
from tests.workflow.engagements import bound_auditor, engaged

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]
OWN = "intake"
"""The station whose case the engagement names."""
ABOUT_CASES = {"console:audit_borrower"}
ASKED = {"format": "jsonl", "reason": "internal_audit", "words": "yearly audit"}


@pytest.fixture
def auditor(world: World, client: Client) -> Client:
    """A bound auditor, signed in, whose engagement names one case."""
    account = bound_auditor("outside-1")
    engaged(account, cases=[world.case(OWN).number])
    people.signed_in(client, account)
    return client


def foreign_pages(world: World, case: LoanCase) -> Iterator[tuple[Page, str]]:
    """Every page about a foreign case, its borrower or its loans that an auditor may open."""
    for page in pages():
        of_cases = page.name.partition(":")[0] in OF_CASES and page.name not in OF_THE_HOUSE
        if not page.names or not open_to(page, Role.AUDITOR) or not (of_cases or page.name in ABOUT_CASES):
            continue
        if isinstance(mark_of(page.view), str):
            continue
        arguments = arguments_of(page, world, case)
        if arguments is not None:
            yield page, page.at(arguments)


def test_no_page_of_a_foreign_case_opens(world: World, auditor: Client) -> None:
    found = list(foreign_pages(world, world.case()))
    assert len(found) > 20
    opened = {
        page.name: answer for page, address in found if (answer := auditor.get(address).status_code) not in {404, 405}
    }
    assert opened == {}


def test_pages_of_the_engagements_own_case_open(world: World, auditor: Client) -> None:
    case = world.case(OWN)
    for name in ("workflow:case", "workflow:who", "workflow:access"):
        assert auditor.get(reverse(name, args=[case.number])).status_code == 200, name
    assert "outside-1" in auditor.get(reverse("workflow:access", args=[case.number])).content.decode()


def test_no_list_names_a_foreign_case(world: World, auditor: Client) -> None:
    """Cases of all other stations, their borrowers and loans."""
    own = world.case(OWN)
    others = LoanCase.objects.exclude(pk=own.pk).exclude(borrower_id=own.borrower_id).select_related("borrower")
    words = {case.number for case in others} | {case.borrower.legal_name for case in others}
    words |= {number for case in others for number in case.loans.values_list("number", flat=True)}
    told, read = {}, 0
    for page in pages():
        if page.names or not open_to(page, Role.AUDITOR) or isinstance(mark_of(page.view), str):
            continue
        if not ROLE_TABLE[Role.AUDITOR] & set(mark_of(page.view)):
            continue
        answer = auditor.get(page.path, follow=True)
        read += answer.status_code == 200
        text = answer.content.decode() if not answer.streaming else ""
        if found := sorted(word for word in words if word in text):
            told[page.name] = found[:3]
    assert told == {}
    assert read > 10
    assert own.number in auditor.get(reverse("workflow:cases")).content.decode()


def test_the_search_finds_nothing_foreign(world: World, auditor: Client) -> None:
    case = world.case()
    for words in (case.number, case.borrower.legal_name, case.borrower.identifier.reveal()):
        answer = auditor.post(reverse("console:search"), {"q": words})
        assert answer.status_code == 200
        assert f'href="{case.get_absolute_url()}"' not in answer.content.decode()


def inside_of(case: LoanCase) -> set[int]:
    """Numbers of the case's events."""
    return set(AuditEvent.objects.filter(case=case.number).values_list("pk", flat=True))


def test_the_log_holds_the_cases_events_and_no_other(world: World, auditor: Client) -> None:
    own, foreign = world.case(OWN), world.case()
    inside = inside_of(own)
    reader = Account.objects.get(handle="outside-1")
    assert set(events_visible_to(people.actor_for(reader)).values_list("pk", flat=True)) == inside
    seen = set()
    for query in ("", f"about={foreign.number}", f"about={foreign.borrower_id}", "outcome=refused", "role=auditor"):
        text = auditor.get(f"{reverse('console:audit')}?{query}").content.decode()
        seen |= {int(number) for number in re.findall(r"/audit/events/(\d+)/", text)}
        assert foreign.number not in text.replace(f"about={foreign.number}", "").replace(
            f'value="{foreign.number}"', ""
        )
    assert seen <= inside
    assert seen


def test_a_foreign_event_is_not_there_and_asking_is_on_record(world: World, auditor: Client) -> None:
    inside, outside = inside_of(world.case(OWN)), inside_of(world.case())
    for number in (max(outside), min(outside), AuditEvent.objects.filter(case=None).latest("pk").pk):
        assert auditor.get(reverse("console:audit_event", args=[number])).status_code == 404
    assert newest(Tag.EVENT_OPENED)["outcome"] == "refused"
    answer = auditor.get(reverse("console:audit_event", args=[max(inside)]))
    assert answer.status_code == 200
    linked = {int(number) for number in re.findall(r"/audit/events/(\d+)/", answer.content.decode())}
    assert linked <= inside
    assert newest(Tag.EVENT_OPENED)["note"] == {"number": max(inside)}


def lines_of(data: bytes) -> list[dict[str, object]]:
    """Events of an export: JSON lines, or those of a bundle."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".jsonl"))
        return [json.loads(line) for line in archive.read(name).decode().splitlines()]


def test_an_export_holds_nothing_foreign(world: World, auditor: Client) -> None:
    inside = inside_of(world.case(OWN))
    answer = auditor.post(reverse("console:audit_export"), ASKED)
    data = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert {line["number"] for line in lines_of(data)} == inside
    for about in (world.case().number, str(world.case().borrower_id)):
        assert auditor.post(reverse("console:audit_export"), {**ASKED, "about": about}).status_code == 400


def test_a_bundle_holds_nothing_foreign_and_is_out_of_reach_when_the_engagement_ends(
    world: World, auditor: Client
) -> None:
    log_seal(actor=sealer_actor())
    inside = inside_of(world.case(OWN))
    assert auditor.post(reverse("console:audit_export"), {**ASKED, "format": "bundle"}).status_code == 302
    row = AuditExport.objects.latest("pk")
    export_run(row.pk)
    take = reverse("console:audit_export_file", args=[row.uuid])
    answer = auditor.post(take)
    assert answer.status_code == 200
    assert {line["number"] for line in lines_of(b"".join(answer.streaming_content))} <= inside
    reader = Account.objects.get(handle="outside-1")
    engaged(reader, cases=[world.case("draft").number])
    end(engagements()[0])
    assert auditor.post(take).status_code == 404


@pytest.mark.parametrize("door", ["console:audit_reviews", "console:people"])
def test_reviews_and_people_are_not_open_and_the_try_is_on_record(auditor: Client, door: str) -> None:
    answer = auditor.get(reverse(door))
    assert answer.status_code == 403
    assert newest(Tag.VIEW_REFUSED)["note"]["view"] == door


def test_engagements_show_ones_own(auditor: Client) -> None:
    text = auditor.get(reverse("console:engagements")).content.decode()
    assert "outside-1" in text
    assert "New engagement" not in text
    assert auditor.get(reverse("console:engagement_new")).status_code == 403


def engagements() -> list[Engagement]:
    """The auditor's, oldest first."""
    return list(Engagement.objects.filter(auditors__person__accounts__handle="outside-1").order_by("pk"))


def end(engagement: Engagement) -> None:
    """End an engagement early."""
    engagement_end(actor=people.actor_for(people.staff(Role.COMPLIANCE_OFFICER)), engagement=engagement)


def test_when_the_engagement_ends_no_door_is_left(auditor: Client) -> None:
    end(engagements()[0])
    for name in (
        "console:audit",
        "workflow:cases",
        "borrowers:list",
        "console:audit_exports",
        "console:engagements",
        "console:people",
    ):
        assert auditor.get(reverse(name)).status_code == 403, name

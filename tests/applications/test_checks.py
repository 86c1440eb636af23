"""Identity, duplicates and visits: named methods, evidence, explanations, two visitors."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from apps.access.roles import Role
from apps.applications import services
from apps.applications.models import DuplicateFinding, IdentityCheck, VisitReport
from apps.applications.services import VisitData
from apps.audit.models import AuditEvent
from apps.borrowers.models import Borrower
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible, Refused
from apps.workflow.models import LoanCase
from apps.workflow.services import check_event
from tests.accounts import factories as people
from tests.applications import factories as f
from tests.applications.worlds import World, stations
from tests.borrowers import factories as b
from tests.worlds import once_a_module

world = once_a_module(lambda: stations("intake"))
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]


@pytest.fixture
def officer(world: World, db: None) -> Actor:
    return world.officer


@pytest.fixture
def case(world: World, db: None) -> LoanCase:
    return world.case("intake")


def check(actor: Actor, case: LoanCase, **given: Any) -> IdentityCheck:
    facts: dict[str, Any] = {
        "party": f.signer_of(case), "method": "registry", "checked_on": clock.today(), "passed": True,
        "evidence": "Register query 4711",
    }  # fmt: skip
    return services.identity_check_record(actor=actor, case=case, **{**facts, **given})


# -- identity


def test_check_names_method_evidence_day_and_verifier(officer: Actor, case: LoanCase) -> None:
    made = check(officer, case)
    assert (made.verifier_id, made.method, made.evidence.reveal()) == (
        officer.person_id,
        "registry",
        "Register query 4711",
    )
    assert "identity_checked" not in f.again(case).missing
    assert "4711" not in AuditEvent.objects.order_by("-id")[0].body


def test_valid_number_alone_checks_nobody(case: LoanCase) -> None:
    assert f.signer_of(case).id_number
    assert "identity_checked" in case.missing


def test_check_that_failed_counts_as_none(officer: Actor, case: LoanCase) -> None:
    check(officer, case)
    check(officer, case, passed=False)
    assert "identity_checked" in f.again(case).missing


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"method": "by feel"}, "method"),
        ({"evidence": "  "}, "evidence"),
        ({"evidence": "x" * 401}, "evidence"),
        ({"method": "scanned_document"}, "document"),
        ({"method": "face_match"}, "document"),
        ({"checked_on": dt.date(2999, 1, 1)}, "checked_on"),
        ({"checked_on": dt.date(1999, 1, 1)}, "checked_on"),
    ],
)
def test_check_without_evidence_is_none(given: dict[str, Any], field: str, officer: Actor, case: LoanCase) -> None:
    with pytest.raises(BadInput) as refused:
        check(officer, case, **given)
    assert set(refused.value.errors) == {field}
    assert not IdentityCheck.objects.exists()


def test_document_is_evidence_enough(officer: Actor, case: LoanCase) -> None:
    paper = f.document(officer, case, "identity_evidence")
    assert check(officer, case, method="scanned_document", evidence="", document=paper).document == paper


def test_person_of_another_business_is_not_checked_here(officer: Actor, case: LoanCase) -> None:
    foreign = b.party(officer, b.borrower(officer))
    with pytest.raises(NotVisible):
        check(officer, case, party=foreign)


@pytest.mark.parametrize("role", [Role.CREDIT_ANALYST, Role.APPRAISER, Role.AUDITOR])
def test_only_officers_check_identities(role: str, case: LoanCase) -> None:
    with pytest.raises(Refused):
        check(b.actor_of(role), case)


# -- duplicates


@pytest.fixture
def twin(officer: Actor, case: LoanCase) -> Borrower:
    """A business of another branch with the same phone."""
    return b.borrower(branch=people.branch("FAR"), phone=case.borrower.phone.reveal())


@pytest.mark.usefixtures("twin")
def test_duplicate_that_appears_later_still_stops_the_case(officer: Actor, case: LoanCase) -> None:
    with pytest.raises(Refused) as refused:
        check_event(f.checked(officer, case), "accept", actor=officer)
    assert refused.value.guard == "duplicates_settled"
    assert "1 still to settle" in str(refused.value)


def test_scan_lists_what_is_new_once(officer: Actor, case: LoanCase, twin: Borrower) -> None:
    (finding,) = services.duplicates_scan(actor=officer, case=case)
    assert (finding.kind, finding.other_id) == ("phone", twin.pk)
    assert services.duplicates_scan(actor=officer, case=case) == []


def test_duplicate_known_at_submission_is_listed_at_once(officer: Actor) -> None:
    first = f.case_in_intake(officer)
    second = f.case_in_intake(officer, phone=first.borrower.phone.reveal())
    assert list(second.duplicates.values_list("kind", "other_id")) == [("phone", first.borrower_id)]


def test_explained_duplicate_lets_the_case_go_on(officer: Actor, case: LoanCase, twin: Borrower) -> None:
    (finding,) = services.duplicates_scan(actor=officer, case=case)
    settled = services.duplicate_settle(
        actor=officer, finding=finding, verdict="unrelated", explanation="Canary: number was reassigned in May."
    )
    assert (settled.settled_by_id, settled.verdict) == (officer.person_id, "unrelated")
    assert "duplicates_settled" not in f.again(case).missing
    assert "Canary" not in AuditEvent.objects.order_by("-id")[0].body


@pytest.mark.parametrize(
    ("verdict", "explanation", "field"),
    [
        ("", "long enough explanation", "verdict"),
        ("unrelated", "short", "explanation"),
        ("related", "x" * 1001, "explanation"),
    ],
)
def test_duplicate_is_not_waved_through(
    verdict: str, explanation: str, field: str, officer: Actor, case: LoanCase, twin: Borrower
) -> None:
    (finding,) = services.duplicates_scan(actor=officer, case=case)
    with pytest.raises(BadInput) as refused:
        services.duplicate_settle(actor=officer, finding=finding, verdict=verdict, explanation=explanation)
    assert set(refused.value.errors) == {field}
    assert DuplicateFinding.objects.get(pk=finding.pk).settled_at is None


# -- visits


def report(**given: Any) -> VisitData:
    facts: dict[str, Any] = {
        "second_visitor_id": b.officer().person_id, "visited_at": clock.now() - dt.timedelta(days=1), "place": "The mill",
        "staff_seen": 30, "stock": "Flour", "narrative": "Canary: all as stated.",
    }  # fmt: skip
    return VisitData(**{**facts, **given})


def filed(actor: Actor, case: LoanCase, data: VisitData, count: int = 1) -> VisitReport:
    photographs = [(f.png(), f"{number}.png") for number in range(count)]
    return services.visit_report_file(actor=actor, case=case, data=data, photographs=photographs)


def test_visit_counts_once_the_second_visitor_has_confirmed(officer: Actor, case: LoanCase) -> None:
    second = b.officer()
    visit = filed(officer, case, report(second_visitor_id=second.person_id), count=3)
    assert visit.photographs.count() == 3
    assert "Canary" not in AuditEvent.objects.order_by("-id")[0].body
    with pytest.raises(Refused) as refused:
        services.visit_confirm(actor=officer, visit=visit)
    assert refused.value.guard == "second_visitor"
    assert services.visit_confirm(actor=second, visit=visit).confirmed_at is not None
    services.visit_confirm(actor=second, visit=visit)


@pytest.mark.parametrize("role", [Role.CREDIT_ANALYST, Role.APPRAISER, Role.TEAM_LEAD])
def test_second_visitor_may_be_of_another_role(role: str, officer: Actor, case: LoanCase) -> None:
    visit = f.visited(officer, case, second=b.actor_of(role))
    assert visit.confirmed_at is not None


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"visited_at": dt.datetime(2999, 1, 1, tzinfo=dt.UTC)}, "visited_at"),
        ({"visited_at": dt.datetime(1999, 1, 1, tzinfo=dt.UTC)}, "visited_at"),
        ({"staff_seen": -1}, "staff_seen"),
        ({"staff_seen": 10**7}, "staff_seen"),
        ({"place": " "}, "place"),
        ({"stock": ""}, "stock"),
        ({"narrative": ""}, "narrative"),
        ({"narrative": "x" * 4001}, "narrative"),
        ({"differences": "x" * 2001}, "differences"),
        ({"second_visitor_id": 0}, "second_visitor"),
    ],
)
def test_report_says_what_is_wrong(given: dict[str, Any], field: str, officer: Actor, case: LoanCase) -> None:
    with pytest.raises(BadInput) as refused:
        filed(officer, case, report(**given))
    assert set(refused.value.errors) == {field}
    assert not VisitReport.objects.exists()


def test_nobody_visits_twice_at_once(officer: Actor, case: LoanCase) -> None:
    with pytest.raises(BadInput) as refused:
        filed(officer, case, report(second_visitor_id=officer.person_id))
    assert set(refused.value.errors) == {"second_visitor"}


def test_second_visitor_belongs_to_the_branch_and_may_visit(officer: Actor, case: LoanCase) -> None:
    for other in (b.officer(people.branch("B2")), b.actor_of(Role.PAYMENT_MAKER)):
        with pytest.raises(BadInput):
            filed(officer, case, report(second_visitor_id=other.person_id))


@pytest.mark.parametrize("count", [0, 21])
def test_report_has_photographs(count: int, officer: Actor, case: LoanCase) -> None:
    with pytest.raises(BadInput) as refused:
        filed(officer, case, report(), count=count)
    assert set(refused.value.errors) == {"photographs"}


def test_photographs_are_images_and_whole(officer: Actor, case: LoanCase) -> None:
    data = report()
    table, broken = f.png(), f.png()
    table.seek(0)
    table.truncate()
    table.write(b"a,b\n1,2\n")
    broken.truncate(40)
    for stream, name in ((table, "a.csv"), (broken, "b.png")):
        with pytest.raises(BadInput) as refused:
            services.visit_report_file(actor=officer, case=case, data=data, photographs=[(stream, name)])
        assert set(refused.value.errors) == {"photographs"}


def test_draft_is_not_visited(officer: Actor) -> None:
    with pytest.raises(Refused) as refused:
        filed(officer, f.draft(officer), report())
    assert refused.value.guard == "state"

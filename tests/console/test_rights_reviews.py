"""The review of rights: what it lists, who answers which line, what keeping, revoking and silence do, and its signed report."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from apps.access.delegations import standing_of
from apps.access.roles import Role
from apps.access.selectors import grants_live
from apps.access.services import role_grant
from apps.access.services.delegating import Handover, delegation_make
from apps.access.services.people import staff_suspend
from apps.access.services.rights import manager_set
from apps.accounts.models import Account
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.console.review_rows import LineKind, ReviewLine, RightsReview, Verdict
from apps.console.rights_report import is_ours
from apps.console.rights_reviews import (
    TIME,
    lines_answer,
    lines_for,
    progress,
    review_close,
    review_open,
    reviews_go_on,
)
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, NotVisible, Refused, StepUpNeeded
from apps.workflow.models import CaseBlock, Notice
from apps.workflow.services.sharing import case_block, case_share
from tests.accounts import factories
from tests.accounts.log import newest
from tests.applications import factories as applications
from tests.worlds import once_a_module

DAY = dt.timedelta(days=1)
CLOCK = Actor.system("clock", channel="test")


class House:
    """An officer and an analyst under a lead; a far officer with a shared case, somebody kept off it; two administrators."""

    def __init__(self) -> None:
        self.here, self.there = factories.branch("JN"), factories.branch("QD")
        self.officer = factories.staff(branch=self.here, handle="officer")
        self.analyst = factories.staff(Role.CREDIT_ANALYST, self.here, handle="analyst")
        self.lead = factories.staff(Role.TEAM_LEAD, self.here, handle="lead")
        self.far = factories.staff(branch=self.there, handle="far")
        self.one, self.other = (
            factories.staff(Role.ADMINISTRATOR, handle="one"),
            factories.staff(Role.ADMINISTRATOR, handle="other"),
        )
        for account in (self.officer, self.analyst, self.far):
            manager_set(actor=factories.actor_for(self.one), account=account, handle="lead")
        self.case = applications.draft(factories.actor_for(self.officer), branch=self.here)
        lead = factories.actor_for(self.lead)
        case_share(actor=lead, case=self.case, handle="far", until=clock.today() + 60 * DAY, reason="helps out")
        case_block(actor=lead, case=self.case, handle="analyst", reason="a cousin")
        right = Handover("analyst", Role.LOAN_OFFICER, self.here, clock.now() + 60 * DAY, "on leave")
        self.right = delegation_make(actor=factories.actor_for(self.officer), wanted=right)


house = once_a_module(House)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("house")]


@pytest.fixture
def review(house: House) -> RightsReview:
    """A review that the first administrator has opened."""
    return review_open(actor=factories.actor_for(house.one))


def lines(review: RightsReview, person: Account, kind: str = LineKind.ROLE) -> list[ReviewLine]:
    """Lines of a kind about somebody."""
    return list(review.lines.filter(person=person.person, kind=kind))


def answer(
    actor: Account, review: RightsReview, rows: list[ReviewLine], verdict: str = Verdict.REVOKE, **more: Any
) -> None:
    """Answer lines."""
    values = {"reason": "moved to another desk", **more}
    lines_answer(
        actor=factories.actor_for(actor), review=review, lines=[row.uuid for row in rows], verdict=verdict, **values
    )


def told(account: Account) -> str:
    """Kind of the newest notice under somebody's bell."""
    return Notice.objects.filter(person=account.person).latest("pk").kind


def test_every_right_exception_and_delegation_has_a_line_with_its_reviewer(house: House, review: RightsReview) -> None:
    found = {(line.person_id, line.kind): line.reviewer_id for line in review.lines.all()}
    lead = house.lead.person_id
    assert found[house.officer.person_id, LineKind.ROLE] == lead
    assert found[house.analyst.person_id, LineKind.DELEGATION] == lead
    assert found[house.analyst.person_id, LineKind.BLOCK] == lead
    assert found[house.far.person_id, LineKind.SHARE] == lead
    assert found[lead, LineKind.ROLE] is None
    assert found[house.one.person_id, LineKind.ROLE] is None
    assert review.lines.filter(kind=LineKind.ROLE).count() == grants_live().count()
    assert (told(house.lead), told(house.other)) == ("review_asked_of_rights", "review_asked_of_rights")


def test_a_line_tells_of_its_last_use_and_of_what_is_odd(house: House) -> None:
    role_grant(
        actor=factories.actor_for(house.one), person=house.analyst.person, role=Role.LOAN_OFFICER, branch=house.there, reason="helps",
        ends=clock.now() + 300 * DAY,
    )  # fmt: skip
    with clock.at(clock.now() + 91 * DAY):
        review = review_open(actor=factories.actor_for(house.one))
    (own,) = lines(review, house.officer)
    assert own.last_used_at is not None
    assert own.conflicts == ["unused", "no_end"]
    odd = {line.grant.role: line.conflicts for line in lines(review, house.analyst) if line.grant}
    assert odd == {Role.CREDIT_ANALYST: ["duties", "unused", "no_end"], Role.LOAN_OFFICER: ["duties", "unused"]}


def test_who_answers_what(house: House, review: RightsReview) -> None:
    people = {
        name: set(lines_for(factories.actor_for(getattr(house, name)), review).values_list("person_id", flat=True))
        for name in ("lead", "one", "other", "officer")
    }
    staff = {each.person_id for each in (house.officer, house.analyst, house.far)}
    assert people["lead"] == staff
    assert house.one.person_id not in people["one"]
    assert {house.other.person_id, house.lead.person_id} <= people["one"]
    assert people["officer"] == set()


def test_lines_of_a_reviewer_who_has_left_go_to_the_administrators(house: House, review: RightsReview) -> None:
    staff_suspend(actor=factories.actor_for(house.other), account=house.lead, reason="has left")
    answer(house.one, review, lines(review, house.officer), Verdict.KEEP)
    assert lines(review, house.officer)[0].decided_by_id == house.one.person_id


@pytest.mark.parametrize("who", ["one", "officer"])
def test_nobody_answers_a_line_that_is_not_theirs(house: House, review: RightsReview, who: str) -> None:
    with pytest.raises(NotVisible):
        answer(getattr(house, who), review, lines(review, house.officer), Verdict.KEEP)


def test_nobody_answers_their_own_line(house: House, review: RightsReview) -> None:
    with pytest.raises(NotVisible):
        answer(house.one, review, lines(review, house.one), Verdict.KEEP)
    assert not review.lines.exclude(verdict=Verdict.OPEN).exists()


def test_many_lines_are_kept_at_once_with_one_reason(house: House, review: RightsReview) -> None:
    rows = [*lines(review, house.officer), *lines(review, house.far), *lines(review, house.far, LineKind.SHARE)]
    answer(house.lead, review, rows, Verdict.KEEP, reason="all still needed")
    kept = review.lines.filter(verdict=Verdict.KEEP)
    assert {line.reason.reveal() for line in kept.select_related("person__key_owner")} == {"all still needed"}
    assert (kept.count(), Role.LOAN_OFFICER in factories.actor_for(house.officer).role_names) == (3, True)
    assert newest(Tag.RIGHTS_REVIEWED)["note"] == {"verdict": "keep", "lines": sorted(row.pk for row in rows)}
    with pytest.raises(BadInput, match="answered already"):
        answer(house.lead, review, rows[:1])


def test_what_is_revoked_ends_at_once(house: House, review: RightsReview) -> None:
    session = factories.signed_in(Client(), house.officer)
    answer(house.lead, review, [*lines(review, house.officer), *lines(review, house.far, LineKind.SHARE)])
    session.refresh_from_db()
    assert (factories.actor_for(house.officer).role_names, session.end_reason) == (frozenset(), "role_change")
    assert Client().get("/").status_code == 302
    (share,) = lines(review, house.far, LineKind.SHARE)
    assert share.share is not None
    assert share.share.ends_at is not None
    assert share.share.ends_at <= clock.now()
    assert told(house.officer) == "review_revoked"
    answer(house.lead, review, lines(review, house.analyst, LineKind.DELEGATION))
    assert standing_of(house.analyst.person_id, house.right.uuid) is None


def test_a_review_lifts_no_block(house: House, review: RightsReview) -> None:
    rows = lines(review, house.analyst, LineKind.BLOCK)
    with pytest.raises(BadInput, match="opens nothing"):
        answer(house.lead, review, rows)
    with clock.at(review.deadline):
        reviews_go_on(CLOCK)
        rows[0].refresh_from_db()
        assert rows[0].verdict == Verdict.STAYS
        assert CaseBlock.objects.get(case=house.case).ends_at > clock.now()


@pytest.mark.parametrize(
    ("given", "words"), [({"reason": "x"}, "Say why"), ({"verdict": "perhaps"}, "keep or to revoke"), ({"rows": []}, "at least one")]
)  # fmt: skip
def test_bad_answers_are_refused_with_words(
    house: House, review: RightsReview, given: dict[str, Any], words: str
) -> None:
    rows = given.pop("rows", lines(review, house.officer))
    with pytest.raises(BadInput, match=words):
        answer(house.lead, review, rows, **given)
    assert not review.lines.exclude(verdict=Verdict.OPEN).exists()


def test_answering_and_opening_ask_for_a_fresh_factor_and_one_review_is_open_at_a_time(
    house: House, review: RightsReview
) -> None:
    stale = factories.actor_for(house.lead, fresh=False)
    with pytest.raises(StepUpNeeded):
        lines_answer(actor=stale, review=review, lines=[], verdict=Verdict.KEEP, reason="all needed")
    with pytest.raises(BadInput, match="open already"):
        review_open(actor=factories.actor_for(house.other))
    with pytest.raises(Refused, match="does not include"):
        review_open(actor=factories.actor_for(house.lead))


def test_silence_ends_a_right_at_the_deadline_and_two_administrators_stay(house: House, review: RightsReview) -> None:
    answer(house.lead, review, lines(review, house.analyst), Verdict.KEEP)
    assert reviews_go_on(CLOCK) == 0
    with clock.at(review.deadline - 7 * DAY):
        assert (reviews_go_on(CLOCK), reviews_go_on(CLOCK), told(house.lead)) == (1, 0, "review_ending")
    with clock.at(review.deadline):
        with pytest.raises(BadInput, match="over"):
            answer(house.lead, review, lines(review, house.officer), Verdict.KEEP)
        assert reviews_go_on(CLOCK) == 1
        left = set(grants_live().values_list("person_id", flat=True))
    administrators = {house.one.person_id, house.other.person_id}
    assert house.officer.person_id not in left
    assert house.analyst.person_id in left
    assert left & administrators == administrators
    verdicts = {line.verdict for line in review.lines.filter(person_id__in=administrators)}
    assert verdicts == {Verdict.STAYS}
    assert lines(review, house.officer)[0].verdict == Verdict.SUSPENDED


def test_what_ended_meanwhile_is_told_apart(house: House, review: RightsReview) -> None:
    with clock.at(clock.now() + TIME):
        right = house.right
        right.refresh_from_db()
    with clock.at(house.right.ends):
        reviews_go_on(CLOCK)
    assert lines(review, house.analyst, LineKind.DELEGATION)[0].verdict == Verdict.GONE


def test_the_report_is_signed_with_the_logs_key_and_any_change_shows(house: House, review: RightsReview) -> None:
    answer(house.lead, review, lines(review, house.analyst), Verdict.KEEP)
    with clock.at(review.deadline):
        reviews_go_on(CLOCK)
    review.refresh_from_db()
    assert is_ours(review.report)
    first, _origin, head, *rest = review.report.partition("\n\n")[0].splitlines()
    assert first == "loanflow review of rights/v1"
    assert json.loads(head)["lines"] == len(rest) == review.lines.count()
    rows = {(row["person"], row["kind"], row["about"]): row for row in map(json.loads, rest)}
    assert rows["analyst", "role", "credit_analyst JN"]["verdict"] == "keep"
    assert rows["analyst", "role", "credit_analyst JN"]["by"] == "lead"
    assert rows["officer", "role", "loan_officer JN"]["verdict"] == "suspended"
    assert "moved to another desk" not in review.report
    assert not is_ours(review.report.replace('"suspended"', '"keep"', 1))
    assert not is_ours("no note at all")
    assert newest(Tag.RIGHTS_REVIEW_CLOSED)["outcome"] == "done"


def test_it_is_closed_early_once_everything_is_answered_and_not_before(house: House, review: RightsReview) -> None:
    closer = factories.actor_for(house.one)
    with pytest.raises(BadInput, match="still unanswered"):
        review_close(actor=closer, review=review)
    for who in (house.lead, house.one, house.other):
        rows = list(lines_for(factories.actor_for(who), review).filter(verdict=Verdict.OPEN))
        answer(who, review, rows, Verdict.KEEP)
    assert progress([review])[review.pk]["answered"] == review.lines.count()
    assert review_close(actor=closer, review=review).closed_at is not None
    with pytest.raises(BadInput, match="closed already"):
        review_close(actor=closer, review=review)


def test_the_clock_opens_one_every_quarter_and_none_where_it_is_told_not_to(
    house: House, settings: LazySettings
) -> None:
    settings.LOANFLOW_RIGHTS_REVIEW_DAYS = 0
    with clock.at(clock.now() + 100 * DAY):
        assert reviews_go_on(CLOCK) == 0
    settings.LOANFLOW_RIGHTS_REVIEW_DAYS = 91
    assert reviews_go_on(CLOCK) == 0
    with clock.at(clock.now() + 92 * DAY):
        assert (reviews_go_on(CLOCK), reviews_go_on(CLOCK)) == (1, 0)
    assert RightsReview.objects.get().opened_by is None


def browser(owner: Account) -> Client:
    """A signed-in browser."""
    client = Client()
    factories.signed_in(client, owner)
    return client


def test_the_pages_lead_from_opening_to_the_report(house: House) -> None:
    admin, lead = browser(house.one), browser(house.lead)
    assert admin.post("/rights/reviews/open/").status_code == 302
    review = RightsReview.objects.get()
    assert "0 of" in admin.get("/rights/reviews/").content.decode()
    text = lead.get("/rights/review/").content.decode()
    assert "officer" in text
    assert "Rights to review" in lead.get("/").content.decode()
    rows = [str(row.uuid) for row in lines(review, house.officer)]
    assert lead.post("/rights/review/", {"line": rows, "verdict": "keep", "reason": ""}).status_code == 400
    assert lead.post("/rights/review/", {"line": rows, "verdict": "keep", "reason": "still here"}).status_code == 302
    assert "still here" in admin.get(f"/rights/reviews/{review.uuid}/").content.decode()
    assert admin.get(f"/rights/reviews/{review.uuid}/report/").status_code == 404
    with clock.at(review.deadline):
        reviews_go_on(CLOCK)
    answer = browser(factories.staff(Role.AUDITOR)).get(f"/rights/reviews/{review.uuid}/report/")
    assert is_ours(answer.content.decode())
    assert newest(Tag.RIGHTS_REVIEW_REPORT_TAKEN)["kind"] == "read"


def test_a_changed_report_is_called_out_on_its_page(house: House, review: RightsReview) -> None:
    with clock.at(review.deadline):
        reviews_go_on(CLOCK)
    page = f"/rights/reviews/{review.uuid}/"
    reader = browser(factories.staff(Role.AUDITOR))
    assert "not what the log" not in reader.get(page).content.decode()
    review.refresh_from_db()
    with act(actor=CLOCK):
        review.report = review.report.replace('"suspended"', '"keep"', 1)
        review.save()
        record(Tag.RIGHTS_REVIEW_REMINDED, actor=CLOCK, subject=review)
    assert "not what the log" in reader.get(page).content.decode()


def test_those_who_do_not_see_people_see_no_reviews(house: House, review: RightsReview) -> None:
    for page in (
        reverse("console:rights_reviews"),
        f"/rights/reviews/{review.uuid}/",
        f"/rights/reviews/{review.uuid}/report/",
    ):
        assert browser(house.lead).get(page).status_code == 403

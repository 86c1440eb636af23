"""Notices by mail: which go out, when, to whom, once; and that a mail says no more than a case's number."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core import mail

from apps.access.roles import Role
from apps.access.services.people import staff_suspend
from apps.accounts.models import Account
from apps.accounts.services.people import language_choose
from apps.accounts.tasks import RENEWALS
from apps.audit.models import AuditEvent
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.workflow.models import LoanCase, Notice, NoticePreference, Rhythm
from apps.workflow.notice_kinds import GROUPS
from apps.workflow.services.mailing import notices_mail, preference_save
from apps.workflow.services.notices import notices_read
from apps.workflow.services.sharing import case_block
from tests.accounts import factories as people
from tests.workflow import factories
from tests.worlds import once_a_module

SITE = "https://loans.example.org/"
CLOCK = Actor.system("clock", channel="test")
NOON = dt.datetime(2026, 3, 5, 4, 0, tzinfo=dt.UTC)  # in Jinan
NIGHT, MORNING = NOON + dt.timedelta(hours=13), NOON + dt.timedelta(hours=19)
CHOICE: dict[str, Any] = {
    **dict.fromkeys(GROUPS, True), "rhythm": Rhythm.NOW, "daily_at": dt.time(8), "quiet_from": dt.time(22), "quiet_until": dt.time(7),
    "zone": "",
}  # fmt: skip


def build() -> dict[str, Any]:
    """An officer with two cases, at noon of a day in March."""
    with clock.at(NOON - dt.timedelta(days=1)):
        officer = factories.worker(handle="officer-1")
        others = {
            "lead": factories.worker(Role.TEAM_LEAD), "reader": factories.worker(), "guard": people.staff(Role.SECURITY_OFFICER),
        }  # fmt: skip
        return {"officer": officer, **others, "cases": [factories.case(officer) for _each in range(2)]}


house = once_a_module(build)
pytestmark = [pytest.mark.usefixtures("house"), pytest.mark.django_db]


@pytest.fixture
def officer(house: dict[str, Any]) -> Account:
    """The officer who gets mails."""
    found: Account = Account.objects.select_related("person").get(pk=house["officer"].pk)
    return found


def chosen(account: Account, at: dt.datetime = NOON - dt.timedelta(hours=1), **more: Any) -> NoticePreference:
    """Let an account choose its mails at a moment."""
    with clock.at(at):
        return preference_save(actor=people.actor_for(account), values={**CHOICE, **more}, site=SITE)


def told(account: Account, case: LoanCase | None, kind: str = "message", at: dt.datetime = NOON) -> Notice:
    """Put a notice under somebody's bell."""
    return Notice.objects.create(person=account.person, case=case, kind=kind, created_at=at)


def sent(at: dt.datetime, capture: Any) -> int:
    """How many mails the job sends at a moment."""
    with clock.at(at), capture(execute=True):
        return notices_mail(CLOCK)


def test_a_mail_names_cases_by_number_leads_to_them_and_says_nothing_else(
    house: dict[str, Any], officer: Account, django_capture_on_commit_callbacks: Any
) -> None:
    chosen(officer)
    case, other = house["cases"]
    for row, kind in ((case, "message"), (case, "answered"), (other, "reassign")):
        told(officer, row, kind)
    assert sent(NOON, django_capture_on_commit_callbacks) == 1
    [message] = mail.outbox
    assert message.to == [officer.person.email.reveal()]
    assert message.subject == "Something waits for you on 2 cases"
    for number in (case.number, other.number):
        assert f"Something waits for you on {number}:\n{SITE}cases/{number}/" in message.body
    for private in (case.borrower.legal_name, officer.handle, officer.person.name.reveal(), "message", "1,200,000"):
        assert private not in message.subject + message.body
    event = AuditEvent.objects.get(action=Tag.NOTICE_SENT)
    assert event.data["note"] == {"cases": 2}
    assert sent(NOON + dt.timedelta(hours=1), django_capture_on_commit_callbacks) == 0, "once is enough"


def test_the_mail_speaks_the_readers_language(
    house: dict[str, Any], officer: Account, django_capture_on_commit_callbacks: Any
) -> None:
    language_choose(actor=people.actor_for(officer), person=officer.person, language="zh-hans")
    chosen(officer)
    told(officer, house["cases"][0])
    assert sent(NOON, django_capture_on_commit_callbacks) == 1
    assert house["cases"][0].number in mail.outbox[0].subject


@pytest.mark.parametrize(
    ("kind", "group"),
    [
        ("message", "talk"), ("ask_colleague", "talk"), ("witness_asked", "talk"), ("reassign", "moved"), ("freeze", "moved"),
        ("signatures_voided", "moved"), ("due", "deadlines"), ("late", "deadlines"), ("expiring", "deadlines"),
        ("condition_overdue", "deadlines"), ("late_lead", "branch"), ("legal.decision", "branch"),
    ],
)  # fmt: skip
def test_each_kind_goes_out_where_it_is_chosen_and_only_there(
    house: dict[str, Any], officer: Account, kind: str, group: str, django_capture_on_commit_callbacks: Any
) -> None:
    chosen(officer, **{each: each != group for each in GROUPS})
    told(officer, house["cases"][0], kind)
    assert sent(NOON, django_capture_on_commit_callbacks) == 0
    chosen(officer, **{each: each == group for each in GROUPS})
    assert sent(NOON, django_capture_on_commit_callbacks) == 1


@pytest.mark.parametrize(
    ("zone", "at", "mails"),
    [
        ("", NIGHT, 0), ("", MORNING, 1), ("Asia/Shanghai", NIGHT, 0), ("Europe/Berlin", NIGHT, 1), ("Europe/Berlin", MORNING, 0),
        ("America/New_York", NIGHT, 1), ("Pacific/Auckland", NIGHT, 0),
    ],
)  # fmt: skip
def test_nothing_goes_out_in_the_quiet_hours_and_all_of_it_after_them(
    house: dict[str, Any],
    officer: Account,
    zone: str,
    at: dt.datetime,
    mails: int,
    django_capture_on_commit_callbacks: Any,
) -> None:
    """At 17:00 UTC it is 01:00 in Jinan, 18:00 in Berlin, noon in New York and 06:00 in Auckland; six hours later 00:00 in Berlin."""
    chosen(officer, zone=zone)
    told(officer, house["cases"][0])
    assert sent(at, django_capture_on_commit_callbacks) == mails
    assert sent(at + dt.timedelta(hours=12), django_capture_on_commit_callbacks) == 1 - mails


def test_one_mail_a_day_gathers_what_came(
    house: dict[str, Any], officer: Account, django_capture_on_commit_callbacks: Any
) -> None:
    chosen(officer, rhythm=Rhythm.DAILY, quiet_from=None, quiet_until=None)
    for case in house["cases"]:
        told(officer, case)

    def mailed(*hours: int) -> list[int]:
        return [sent(NOON + dt.timedelta(hours=each), django_capture_on_commit_callbacks) for each in hours]

    assert mailed(0, 10, 19, 20, 21) == [0, 0, 0, 1, 0], "at eight in the morning"
    told(officer, house["cases"][0], at=NOON + dt.timedelta(hours=21))
    assert mailed(22, 30, 44, 45) == [0, 0, 1, 0]
    assert [message.subject for message in mail.outbox] == [
        "Something waits for you on 2 cases", f"Something waits for you on {house['cases'][0].number}",
    ]  # fmt: skip


def test_the_daily_hour_within_the_quiet_hours_waits_for_their_end(
    house: dict[str, Any], officer: Account, django_capture_on_commit_callbacks: Any
) -> None:
    chosen(officer, rhythm=Rhythm.DAILY, daily_at=dt.time(23))
    told(officer, house["cases"][0])
    assert sent(NOON + dt.timedelta(hours=11, minutes=30), django_capture_on_commit_callbacks) == 0  # 23:30
    assert sent(MORNING, django_capture_on_commit_callbacks) == 1  # 07:00


def test_what_was_read_or_waits_since_before_the_choice_is_not_mailed(
    house: dict[str, Any], officer: Account, django_capture_on_commit_callbacks: Any
) -> None:
    told(officer, house["cases"][0], at=NOON - dt.timedelta(hours=2))
    chosen(officer)
    told(officer, house["cases"][1])
    notices_read(actor=people.actor_for(officer))
    assert sent(NOON, django_capture_on_commit_callbacks) == 0


def test_a_kind_chosen_later_begins_then_and_other_changes_lose_nothing(
    house: dict[str, Any], officer: Account, django_capture_on_commit_callbacks: Any
) -> None:
    chosen(officer, moved=False)
    told(officer, house["cases"][0], "message")
    chosen(
        officer, at=NOON + dt.timedelta(minutes=1), moved=False, zone="Europe/Berlin", quiet_from=None, quiet_until=None
    )
    assert sent(NOON + dt.timedelta(minutes=2), django_capture_on_commit_callbacks) == 1
    told(officer, house["cases"][0], "reassign", at=NOON)
    chosen(officer, at=NOON + dt.timedelta(minutes=3))
    assert sent(NOON + dt.timedelta(minutes=4), django_capture_on_commit_callbacks) == 0


def test_who_left_or_was_kept_off_the_case_gets_no_mail(
    house: dict[str, Any], officer: Account, django_capture_on_commit_callbacks: Any
) -> None:
    reader = house["reader"]
    for account in (reader, officer):
        chosen(account)
        told(account, house["cases"][0])
    with clock.at(NOON):
        case_block(actor=people.actor_for(house["lead"]), case=house["cases"][0], handle=reader.handle, reason="cousin")
        staff_suspend(actor=people.actor_for(house["guard"]), account=officer, reason="left")
    assert sent(NOON, django_capture_on_commit_callbacks) == 0
    assert mail.outbox == []


def test_a_mail_that_fails_is_made_again_of_what_is_still_unread(
    house: dict[str, Any], officer: Account, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    tried: list[tuple[Any, ...]] = []
    preference = chosen(officer)
    first, second = told(officer, house["cases"][0]), told(officer, house["cases"][1])
    with monkeypatch.context() as patch:
        patch.setattr("apps.accounts.senders.send_mail", lambda *_args: 1 / 0)
        patch.setattr("apps.accounts.senders.send_again_later", lambda *given: tried.append(given))
        sent(NOON, django_capture_on_commit_callbacks)
    assert tried == [("notices", preference.pk, SITE, 0)]
    Notice.objects.filter(pk=first.pk).update(read_at=NOON)
    with django_capture_on_commit_callbacks(execute=True):
        RENEWALS["notices"](preference.pk, SITE, 1)
    assert [message.subject for message in mail.outbox] == [f"Something waits for you on {second.case.number}"]
    with django_capture_on_commit_callbacks(execute=True):
        RENEWALS["notices"](0, SITE, 1)
    assert len(mail.outbox) == 1


def test_one_account_that_fails_keeps_no_other_from_its_mail(
    house: dict[str, Any], officer: Account, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    from_before = house["lead"]
    for account in (from_before, officer):
        chosen(account)
        told(account, house["cases"][0])
    numbers = iter([ZeroDivisionError, [house["cases"][0].number]])

    def given(*_args: Any) -> list[str]:
        found = next(numbers)
        if isinstance(found, list):
            return found
        raise found

    monkeypatch.setattr("apps.workflow.services.mailing._numbers", given)
    assert sent(NOON, django_capture_on_commit_callbacks) == 1


def test_nobody_chooses_without_cases_and_nobody_sends_but_the_clock(house: dict[str, Any], officer: Account) -> None:
    with pytest.raises(Refused):
        chosen(people.staff(Role.ADMINISTRATOR))
    chosen(officer)
    told(officer, house["cases"][0])
    with clock.at(NOON):
        assert notices_mail(people.actor_for(officer)) == 0
    assert mail.outbox == []

"""Cases that stand too long: warned, then expired; whatever happens in between saves them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured

from apps.access.roles import Role
from apps.accounts.models import Account
from apps.audit.models import AuditEvent
from apps.audit.services import act
from apps.audit.tags import Tag
from apps.borrowers.services import access_give
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Refused
from apps.workflow import registry
from apps.workflow.models import LoanCase, Message, Notice
from apps.workflow.patience import DEFAULT_DAYS, days_by_state
from apps.workflow.process import Event
from apps.workflow.services import advance, cases_expire, cases_warn, expiring
from apps.workflow.services.talk import message_send
from apps.workflow.states import BEFORE_MONEY, State
from tests.accounts import factories as people
from tests.workflow import factories

pytestmark = pytest.mark.django_db
CLOCK = Actor.system("clock", channel="test")


@pytest.fixture
def officer() -> Account:
    """Return a loan officer at head office."""
    return factories.worker()


def later(case: LoanCase, days: float) -> Any:
    """Move the clock so many days beyond the case's last change."""
    case.refresh_from_db()
    return clock.at(case.changed_at + dt.timedelta(days=days))


def state_of(case: LoanCase) -> str:
    """State in the database."""
    return LoanCase.objects.values_list("state", flat=True).get(pk=case.pk)


def test_every_state_before_the_money_has_its_days() -> None:
    assert set(DEFAULT_DAYS) == set(BEFORE_MONEY)


def test_an_installation_sets_days_of_its_own(settings: Any) -> None:
    settings.LOANFLOW_EXPIRE_DAYS = {"draft": 20}
    assert days_by_state() == {**DEFAULT_DAYS, "draft": 20}


@pytest.mark.parametrize("given", [{"drafts": 20}, {"active": 20}, {"draft": 7}, {"draft": -1}])
def test_days_that_make_no_sense_are_refused(settings: Any, given: dict[str, int]) -> None:
    settings.LOANFLOW_EXPIRE_DAYS = given
    with pytest.raises(ImproperlyConfigured, match="LOANFLOW_EXPIRE_DAYS"):
        days_by_state()


def test_a_draft_is_warned_once_and_expires_a_week_later(officer: Account) -> None:
    case = factories.case(officer)
    with later(case, 82):
        assert cases_warn(CLOCK) == 0
    with later(case, 83.5):
        assert (cases_warn(CLOCK), cases_warn(CLOCK)) == (1, 0)
        assert cases_expire(CLOCK) == 0
    with later(case, 90):
        assert cases_expire(CLOCK) == 0, "the warning is not yet a week old"
    with later(case, 90.6):
        assert (cases_expire(CLOCK), cases_expire(CLOCK)) == (1, 0)
    assert state_of(case) == State.EXPIRED
    assert AuditEvent.objects.filter(action=Tag.CASE_WARNED).count() == 1
    assert AuditEvent.objects.get(action=Tag.CASE_EXPIRED).actor == CLOCK.name


def test_the_warning_tells_the_borrower_and_the_holder_and_is_no_change_of_the_case(officer: Account) -> None:
    case = factories.case(officer)
    before = case.version
    with later(case, 84):
        cases_warn(CLOCK)
    case.refresh_from_db()
    assert case.version == before
    message = Message.objects.get(case=case)
    assert (message.audience, message.author_id) == ("borrower", None)
    assert case.number in str(message.body.reveal())
    assert Notice.objects.get(case=case).person_id == officer.person_id


def test_what_somebody_does_or_writes_after_the_warning_saves_the_case(officer: Account) -> None:
    case = factories.case(officer)
    with later(case, 84):
        cases_warn(CLOCK)
    with later(case, 88):
        message_send(actor=people.actor_for(officer), case=case, audience="borrower", body="Still with us?")
    with later(case, 100):
        assert cases_expire(CLOCK) == 0
    with later(case, 88 + 84):
        assert cases_warn(CLOCK) == 1, "it is warned anew"


def test_a_touched_case_is_warned_anew(officer: Account, smooth: None) -> None:
    case = factories.case(officer)
    with later(case, 84):
        cases_warn(CLOCK)
    with later(case, 85):
        factories.moved(case, Event.SUBMIT, officer)
    with later(case, 179):
        assert (cases_expire(CLOCK), cases_warn(CLOCK)) == (0, 1)


def test_a_case_that_waits_has_days_from_the_day_of_the_answer(officer: Account, smooth: None) -> None:
    case = factories.submitted(officer)
    due = clock.today() + dt.timedelta(days=20)
    case = factories.moved(case, Event.ASK_BORROWER, officer, text="Where is it?", data={"due_on": due})
    with later(case, 35):
        assert cases_warn(CLOCK) == 0
    with later(case, 44):
        assert cases_warn(CLOCK) == 1
    with later(case, 52):
        assert cases_expire(CLOCK) == 1
    assert state_of(case) == State.EXPIRED


def test_a_frozen_case_stands_still(officer: Account) -> None:
    case = factories.case(officer)
    factories.moved(case, Event.FREEZE, factories.worker(Role.COMPLIANCE_OFFICER), text="Doubtful")
    with later(case, 400):
        assert (cases_warn(CLOCK), cases_expire(CLOCK)) == (0, 0)
    assert not AuditEvent.objects.filter(outcome="refused").exists(), "the round writes no refusals either"


def test_a_case_with_a_released_payment_is_left_alone(
    officer: Account, smooth: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, guard = factories.case(officer), registry.guards["nothing_released"]
    monkeypatch.setitem(registry.guards, guard.name, registry.Guard(guard.name, guard.label, lambda *_given: ["Out."]))
    with later(case, 400):
        assert (cases_warn(CLOCK), cases_expire(CLOCK)) == (0, 0)


def test_one_case_that_fails_stops_no_other(
    officer: Account, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken, well = factories.case(officer), factories.case(officer)
    inner = expiring.message_post

    def post(**given: Any) -> Any:
        if given["case"].pk == broken.pk:
            raise RuntimeError("the key is gone")
        return inner(**given)

    monkeypatch.setattr(expiring, "message_post", post)
    with later(well, 84):
        assert cases_warn(CLOCK) == 1
    broken.refresh_from_db()
    well.refresh_from_db()
    assert (broken.warned_at, well.warned_at is None) == (None, False)
    assert broken.number in caplog.text


def test_batches_are_gone_through_to_the_end(officer: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.workflow.services.batches.BATCH", 1)
    cases = [factories.case(officer) for _each in range(3)]
    with later(cases[-1], 84):
        assert cases_warn(CLOCK) == 3


@pytest.mark.parametrize("name", ["bank", "payments", "process", "imports"])
def test_no_other_part_of_the_system_lets_a_case_expire(officer: Account, name: str) -> None:
    case, actor = factories.case(officer), Actor.system(name)
    with later(case, 84):
        cases_warn(CLOCK)
    with later(case, 95), pytest.raises(Refused) as refused, act(actor=actor):
        advance(case, Event.EXPIRE, actor=actor, version=None)
    assert refused.value.guard == "permission"
    assert state_of(case) == State.DRAFT


def test_the_portal_gets_a_mail_without_anything_in_it(
    officer: Account, smooth: None, django_capture_on_commit_callbacks: Any
) -> None:
    case = factories.submitted(officer)
    account = people.borrower_account()
    told_by_mail(case, account)
    with django_capture_on_commit_callbacks(execute=True):
        factories.moved(case, Event.ASK_BORROWER, officer, text="Where?", data={"due_on": clock.today()})
    (sent,) = mail.outbox
    assert "news" in sent.subject
    for secret in (case.number, case.borrower.legal_name, "Where?"):
        assert secret not in sent.body


def test_a_mail_that_fails_undoes_nothing(
    officer: Account, smooth: None, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_given: Any) -> None:
        raise OSError("no mail server")

    monkeypatch.setattr("apps.accounts.senders.MailSender.send", away)
    case = factories.submitted(officer)
    told_by_mail(case, people.borrower_account())
    with django_capture_on_commit_callbacks(execute=True):
        factories.moved(case, Event.ASK_BORROWER, officer, text="Where?", data={"due_on": clock.today()})
    assert state_of(case) == State.WAITING


def test_a_demo_history_sends_no_mail(officer: Account, django_capture_on_commit_callbacks: Any) -> None:
    case = factories.case(officer)
    told_by_mail(case, people.borrower_account())
    with later(case, 84), django_capture_on_commit_callbacks(execute=True):
        cases_warn(CLOCK)
    assert mail.outbox == []


def told_by_mail(case: LoanCase, account: Account) -> None:
    """Let an account act for the case's borrower."""
    access_give(actor=people.actor_for(factories.worker()), borrower=case.borrower, account=account)

"""A lost factor: reported, asked for, agreed to by another administrator; its person hears of each step and can stop it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from apps.access.models import FactorReset
from apps.access.roles import Role
from apps.access.selectors import resets_open, role_names
from apps.access.services import can, grant_approve, role_grant
from apps.access.services.resetting import own_reset, reset_agree, reset_plead, reset_start, reset_stop
from apps.accounts import selectors, tasks
from apps.accounts.models import Account, SessionRecord
from apps.accounts.services.enrolment import device_confirm
from apps.accounts.services.factors import recovery_prove, totp_prove
from apps.accounts.services.invitations import invitation_accept
from apps.accounts.services.lockout import LockedOut
from apps.accounts.services.people import account_suspend
from apps.audit.models import AuditEvent
from apps.audit.tags import Tag
from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import BadInput, Refused, StepUpNeeded
from apps.core.permissions import Permission
from apps.workflow.models import Notice
from tests.accounts import factories
from tests.accounts.factories import PASSWORD, SETUP
from tests.accounts.log import count, newest
from tests.accounts.test_passkeys import enrolled
from tests.approval import factories as approval
from tests.disbursement import factories as payments

pytestmark = pytest.mark.django_db
SITE = "https://loans.example.test"
DAY = dt.timedelta(days=1)
NEW = "a new sentence of several words"


@dataclass
class House:
    """Who lost a factor, two administrators, and a security officer."""

    owner: Account
    one: Account
    other: Account
    officer: Account

    def by(self, name: str) -> Actor:
        """The actor of one of them, as the rows are now."""
        return factories.actor_for(Account.objects.select_related("person").get(pk=getattr(self, name).pk))


@pytest.fixture
def house() -> House:
    """A house with everybody a reset needs."""
    return House(
        factories.staff(Role.APPROVER_1), factories.staff(Role.ADMINISTRATOR), factories.staff(Role.ADMINISTRATOR),
        factories.staff(Role.SECURITY_OFFICER),
    )  # fmt: skip


def started(house: House) -> FactorReset:
    """A request that waits for another administrator."""
    return reset_start(actor=house.by("one"), account=house.owner, reason="phone in the river", site=SITE)


def reset(house: House) -> FactorReset:
    """A reset that was agreed to."""
    return reset_agree(actor=house.by("other"), row=started(house), site=SITE)


def set_up_anew(house: House) -> None:
    """Follow the link of the mail, and set up an authenticator."""
    token = re.findall(r"/invitation/([\w-]+)/", mail.outbox[-1].body + mail.outbox[-2].body)[-1]
    account = invitation_accept(actor=Actor.anonymous(), token=token, password=NEW)
    device = selectors.waiting_device(account)
    assert device is not None
    from_app = factories.shown_code(device.secret.reveal())
    device_confirm(actor=Actor.anonymous(), account=account, code=from_app)


def test_with_the_second_agreement_every_factor_is_gone_and_nothing_before(
    house: House, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    enrolled(house.owner)
    factories.signed_in(client, house.owner)
    row = started(house)
    assert selectors.live_device(house.owner) is not None
    assert selectors.passkeys_of(house.owner)
    reset_agree(actor=house.by("other"), row=row, site=SITE)
    now = Account.objects.get(pk=house.owner.pk)
    assert (selectors.live_device(now), selectors.passkeys_of(now), selectors.recovery_codes_left(now)) == (None, [], 0)
    assert not SessionRecord.objects.filter(account=now, ended_at=None).exists()
    assert (now.enrolled_at, now.has_usable_password()) == (None, False)
    assert newest(Tag.FACTORS_RESET)["note"]["signs_from"]


def test_neither_the_old_password_nor_the_old_code_opens_anything_afterwards(house: House, client: Client) -> None:
    code = factories.code_for(house.owner)
    reset(house)
    answer = client.post(reverse("accounts:sign_in"), {"name": house.owner.handle, "password": PASSWORD})
    assert answer.status_code == 403
    with pytest.raises(Refused):
        totp_prove(actor=Actor.anonymous(), account=house.owner, code=code)
    with pytest.raises(Refused):
        recovery_prove(actor=Actor.anonymous(), account=house.owner, code="AAAA-BBBB-CCCC-DDDD")


def test_a_password_proved_a_moment_before_opens_no_enrolment_afterwards(house: House, client: Client) -> None:
    client.post(reverse("accounts:sign_in"), {"name": house.owner.handle, "password": PASSWORD})
    assert client.get(reverse("accounts:factor")).status_code == 200
    reset(house)
    for page in ("accounts:factor", "accounts:enrol", "accounts:recovery"):
        assert client.get(reverse(page))["Location"].startswith(reverse("accounts:sign_in"))
    assert selectors.waiting_device(house.owner) is None


def test_the_link_goes_to_the_mailbox_on_file_and_sets_up_new_factors(
    house: House, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        reset(house)
    assert {address for message in mail.outbox for address in message.to} == {house.owner.person.email.reveal()}
    assert sum("/invitation/" in message.body for message in mail.outbox) == 1
    set_up_anew(house)
    assert selectors.live_device(house.owner) is not None


def test_a_powerful_role_counts_again_once_its_person_has_enrolled_anew(
    house: House, django_capture_on_commit_callbacks: Any
) -> None:
    house.owner = factories.staff(Role.LOAN_OFFICER)
    grant = role_grant(
        actor=house.by("one"), person=house.owner.person, role=Role.PAYMENT_MAKER, branch=None, reason="x"
    )
    for who in ("other", "officer"):
        grant_approve(actor=house.by(who), grant=grant)
    names = {"loan_officer", "payment_maker"}
    assert role_names(house.owner.person_id) == names
    with django_capture_on_commit_callbacks(execute=True):
        reset(house)
    assert role_names(house.owner.person_id) == {"loan_officer"}
    set_up_anew(house)
    assert role_names(house.owner.person_id) == names


@pytest.mark.parametrize("who", ["one", "owner", "officer"])
def test_only_another_administrator_agrees(house: House, who: str) -> None:
    row = started(house)
    with pytest.raises(Refused) as refused:
        reset_agree(actor=house.by(who), row=row, site=SITE)
    assert refused.value.guard == {"one": "second_administrator"}.get(who, "permission")
    assert resets_open().get() == row


def test_an_administrator_asks_for_none_and_agrees_to_none_of_their_own(house: House) -> None:
    with pytest.raises(Refused) as refused:
        reset_start(actor=house.by("one"), account=house.one, reason="lost", site=SITE)
    assert refused.value.guard == "own_account"
    row = reset_start(actor=house.by("one"), account=house.other, reason="lost", site=SITE)
    with pytest.raises(Refused) as refused:
        reset_agree(actor=house.by("other"), row=row, site=SITE)
    assert refused.value.guard == "own_account"


def test_asking_and_agreeing_need_a_fresh_factor(house: House) -> None:
    stale = factories.actor_for(house.one, fresh=False)
    with pytest.raises(StepUpNeeded):
        reset_start(actor=stale, account=house.owner, reason="lost", site=SITE)
    row = started(house)
    with pytest.raises(StepUpNeeded):
        reset_agree(actor=factories.actor_for(house.other, fresh=False), row=row, site=SITE)


def test_what_was_only_reported_nobody_agrees_to_alone(house: House) -> None:
    reset_plead(actor=Actor.anonymous(address="192.0.2.7"), name=house.owner.handle)
    row = resets_open().get()
    with pytest.raises(BadInput, match="No administrator has asked"):
        reset_agree(actor=house.by("other"), row=row, site=SITE)
    assert started(house) == row, "the administrator takes up what was reported"
    assert reset_agree(actor=house.by("other"), row=row, site=SITE).agreed_by_id == house.other.person_id


def test_two_requests_for_one_account_are_one(house: House) -> None:
    started(house)
    with pytest.raises(BadInput, match="already"):
        reset_start(actor=house.by("other"), account=house.owner, reason="again", site=SITE)
    row = resets_open().get()
    with clock.at(clock.now() + 8 * DAY):
        with pytest.raises(BadInput, match="no longer waits"):
            reset_agree(actor=house.by("other"), row=row, site=SITE)
        assert started(house) != row, "a lapsed one makes room"


def test_an_account_that_is_shut_or_has_no_factor_has_none_to_lose(house: House) -> None:
    reset(house)
    for name, words in (("owner", "no factor to lose"), ("officer", "suspended")):
        if name == "officer":
            account_suspend(actor=SETUP, account=house.officer, reason="away")
        account = Account.objects.get(pk=getattr(house, name).pk)
        with pytest.raises(BadInput, match=words):
            reset_start(actor=house.by("one"), account=account, reason="lost", site=SITE)


@pytest.mark.parametrize(("who", "stops"), [("owner", True), ("one", True), ("officer", True), ("colleague", False)])
def test_its_person_and_whoever_may_suspend_can_stop_it(house: House, who: str, stops: bool) -> None:
    row = started(house)
    actor = house.by(who) if who != "colleague" else factories.actor_for(factories.staff())
    if not stops:
        with pytest.raises(Refused):
            reset_stop(actor=actor, row=row)
        assert resets_open().exists()
        return
    reset_stop(actor=actor, row=row)
    assert newest(Tag.FACTOR_RESET_STOPPED)["note"]["by_owner"] is (who == "owner")
    assert own_reset(house.by("owner")) is None
    with pytest.raises(BadInput, match="no longer waits"):
        reset_agree(actor=house.by("other"), row=row, site=SITE)
    assert selectors.live_device(house.owner) is not None


def test_each_step_is_told_by_mail_and_under_the_bell(house: House, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        row = started(house)
    assert [message.subject for message in mail.outbox] == [
        "LoanFlow: somebody asks for a new factor in place of yours"
    ]
    assert "security officer" in mail.outbox[0].body
    with django_capture_on_commit_callbacks(execute=True):
        reset_agree(actor=house.by("other"), row=row, site=SITE)
    assert "LoanFlow: your lost factors were taken away" in {message.subject for message in mail.outbox}
    told = [(notice.person_id, notice.kind) for notice in Notice.objects.order_by("pk")]
    assert told == [(house.owner.person_id, "factor_reset_asked"), (house.owner.person_id, "factor_reset_done")]


def test_for_a_day_nothing_is_signed_and_the_refusal_says_why_and_until_when(
    house: House, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        reset(house)
    set_up_anew(house)
    case = approval.case_confirmed(branch=factories.branch())
    with pytest.raises(Refused) as refused:
        approval.signed(case, house.by("owner"))
    assert refused.value.guard == "factor_reset"
    assert re.search(r"sign and release again from .+ \d\d:\d\d", str(refused.value.message))
    with clock.at(clock.now() + DAY - dt.timedelta(minutes=1)):
        assert can(house.by("owner"), Permission.APPROVAL_SIGN).guard == "factor_reset"
    with clock.at(clock.now() + DAY):
        approval.signed(case, house.by("owner"))


def test_for_a_day_nothing_is_released(house: House, django_capture_on_commit_callbacks: Any) -> None:
    case = payments.case_in_payout()
    house.owner = factories.staff(Role.PAYMENT_CHECKER, case.branch)
    with django_capture_on_commit_callbacks(execute=True):
        reset(house)
    set_up_anew(house)
    maker = payments.who(Role.PAYMENT_MAKER, case)
    with pytest.raises(Refused) as refused:
        payments.released(maker, house.by("owner"), case)
    assert refused.value.guard == "factor_reset"


def test_an_administrator_with_new_factors_agrees_to_nothing_for_a_day(
    house: House, django_capture_on_commit_callbacks: Any
) -> None:
    third = factories.staff(Role.ADMINISTRATOR)
    house.owner = third
    with django_capture_on_commit_callbacks(execute=True):
        reset(house)
    set_up_anew(house)
    for permission in (Permission.ROLE_APPROVE, Permission.ROLE_GRANT, Permission.PEOPLE_INVITE):
        assert can(house.by("owner"), permission).guard == "factor_reset"
    assert can(house.by("owner"), Permission.PEOPLE_VIEW)


def test_reporting_a_loss_says_the_same_whoever_is_meant(house: House) -> None:
    account_suspend(actor=SETUP, account=factories.staff(handle="gone"), reason="away")
    factories.borrower_account(handle="songhua")
    names = [house.owner.handle, str(house.owner.person.email.reveal()), "nobody", "no@example.test", "gone", "songhua"]
    pages, waiting = set(), []
    for name in names:
        DBTaskResult.objects.all().delete()
        answer = Client().post(reverse("console:lost_device"), {"name": name}, follow=True)
        pages.add(
            (
                answer.status_code,
                re.sub(r'value="[^"]*"|<code>[^<]*</code>|X-CSRFToken[^>]*', "", answer.content.decode()),
            )
        )
        waiting.append(DBTaskResult.objects.count())
    assert len(pages) == 1
    assert set(waiting) == {1}, "the same is left to do, and the answer waits for none of it"
    assert not mail.outbox
    assert [row.account_id for row in resets_open()] == [house.owner.pk]
    assert {
        event.data["guard"] for event in AuditEvent.objects.filter(action=Tag.FACTOR_RESET_ASKED, outcome="refused")
    } == {"unknown"}


def test_a_report_reaches_its_person_three_times_a_day_and_no_more(
    house: House, django_capture_on_commit_callbacks: Any
) -> None:
    for number in range(5):
        reset_plead(actor=Actor.anonymous(address=f"192.0.2.{number}"), name=house.owner.handle)
    with django_capture_on_commit_callbacks(execute=True):
        for row in DBTaskResult.objects.all():
            tasks.send_again.call(*row.args_kwargs["args"])
    assert len(mail.outbox) == 3
    assert (resets_open().count(), count(Tag.FACTOR_RESET_ASKED, "refused")) == (1, 2)


def test_one_network_address_reports_ten_in_a_quarter_of_an_hour(house: House) -> None:
    stranger = Actor.anonymous(address="192.0.2.9")
    for number in range(10):
        reset_plead(actor=stranger, name=f"nobody-{number}")
    with pytest.raises(LockedOut):
        reset_plead(actor=stranger, name="nobody-again")


def test_the_database_keeps_all_who_stand_behind_one_apart(house: House) -> None:
    row = started(house)
    same, owner = row.started_by_id, row.person_id
    for given in ({"agreed_by": same}, {"agreed_by": owner}, {"started_by": owner}):
        with pytest.raises(IntegrityError), transaction.atomic():
            FactorReset._base_manager.filter(pk=row.pk).update(**given)


def test_the_reason_is_sealed_and_stands_in_no_event(house: House) -> None:
    row = started(house)
    assert FactorReset.objects.get(pk=row.pk).reason.reveal() == "phone in the river"
    assert "river" not in AuditEvent.objects.filter(action=Tag.FACTOR_RESET_STARTED).latest("id").body


def test_from_report_to_new_factors_page_by_page(
    house: House, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    assert reverse("console:lost_device") in client.get(reverse("accounts:sign_in")).content.decode()
    client.post(reverse("console:lost_device"), {"name": house.owner.handle})
    one, other = Client(), Client()
    factories.signed_in(one, house.one)
    factories.signed_in(other, house.other)
    listed = one.get(reverse("console:factor_resets")).content.decode()
    assert "reported from the sign-in page" in listed
    start = reverse("console:factor_reset_start", args=[house.owner.handle])
    assert start in listed
    assert one.post(start, {"reason": "phone in the river"}).status_code == 302
    agree = reverse("console:factor_reset_agree", args=[resets_open().get().uuid])
    assert agree not in one.get(reverse("console:factor_resets")).content.decode()
    assert agree in other.get(reverse("console:factor_resets")).content.decode()
    assert "phone in the river" in other.get(agree).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        assert other.post(agree).status_code == 302
    link = re.search(
        r"https?://\S+(/account/invitation/\S+|/\S*invitation/\S+)", "".join(each.body for each in mail.outbox)
    )
    assert link
    assert "Nobody has lost a device" in other.get(reverse("console:factor_resets")).content.decode()
    assert "Signs and releases from" in one.get(reverse("console:person", args=[house.owner.handle])).content.decode()


def test_the_owner_sees_the_request_and_stops_it(house: House, client: Client) -> None:
    factories.signed_in(client, house.owner)
    page = reverse("console:factor_reset_own")
    assert "Nobody asks for a new factor" in client.get(page).content.decode()
    started(house)
    assert page in client.get(reverse("accounts:factors")).content.decode()
    assert "Stop the request" in client.get(page).content.decode()
    assert client.post(page).status_code == 302
    assert not resets_open().exists()
    client.post(page)
    assert count(Tag.FACTOR_RESET_STOPPED) == 1


def test_a_borrower_has_no_such_page(client: Client) -> None:
    factories.signed_in(client, factories.borrower_account())
    assert client.get(reverse("console:factor_reset_own")).status_code == 404

"""One rich case with everything that may hang on it, the other stations of the way, and the people around: built once a run."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from decimal import Decimal

from django.contrib.auth.models import Permission as Codename
from django.contrib.contenttypes.models import ContentType

from apps.access.roles import Role
from apps.access.services import role_grant
from apps.access.services.delegating import Handover, delegation_make
from apps.access.services.resetting import reset_start
from apps.access.services.rights import Wanted, manager_set, right_agree, right_ask
from apps.accounts.models import Account, Branch
from apps.accounts.services.places import registration_switch
from apps.applications import services as intake
from apps.approval.services import review_ask
from apps.audit.body import Purpose
from apps.audit.manifest import Order
from apps.audit.selectors import WHOLE_LOG, EventFilter, Scope, last_number
from apps.audit.services import act, record
from apps.audit.services.agreeing import clear_ask
from apps.audit.services.drawing import sample_draw
from apps.audit.services.exports import export_ask
from apps.audit.tags import Tag
from apps.borrowers.services import access_give, forget_ask, group_assign, hold_place, tie_declare
from apps.console.models import Shelf
from apps.console.review_rows import Verdict
from apps.console.reviews import log_review_sign
from apps.console.rights_reviews import lines_answer, lines_for, review_close, review_open
from apps.console.saved import Keeping, filter_save
from apps.core import clock
from apps.core.actor import Actor
from apps.core.permissions import Permission
from apps.credit_review.services import alert_note
from apps.credit_review.services import decline as review_decline
from apps.disbursement.services.paying import PayingData, paying_account_enter
from apps.portal.announcements import announce
from apps.portal.privacy import privacy_ask
from apps.portal.requesting import data_ask, data_give
from apps.portal.services import application_begin
from apps.workflow.models import CaseBlock, LoanCase, LoanCaseUserObjectPermission, ReasonKind
from apps.workflow.process import Event
from apps.workflow.services.steps import case_step
from apps.workflow.services.talk import message_send
from tests.accounts import factories as people
from tests.applications import factories as applications
from tests.approval import factories as approval
from tests.audit.recipients import RECIPIENT
from tests.borrowers import factories as borrowers
from tests.collateral import factories as collateral
from tests.credit_review import factories as credit
from tests.disbursement import factories as payments
from tests.portal.factories import announcement_values
from tests.post_loan import factories as loans
from tests.workflow import factories as workflow
from tests.workflow.engagements import asked, bound_auditor

HOME, AWAY = "JN", "QD"
RICH = "active"
NEAR, FAR, SHARED, BLOCKED, OWNER, STRANGER = "near", "far", "shared", "blocked", "owner", "stranger"
HOUSE = "house"
"""People of the rich case's branch, of another branch, of another but with the case shared, of its own but kept off the case;
its borrower's account, and another borrower's; ``HOUSE`` are people whose role covers everything."""


@dataclass(frozen=True)
class World:
    """Handles of people by where they stand and what role they hold, and numbers of cases by station."""

    handles: dict[str, dict[str, str]]
    cases: dict[str, str]

    def account(self, place: str, role: str) -> Account:
        """An account by place and role."""
        return Account.objects.select_related("person").get(handle=self.handles[place][role])

    def actor(self, role: str, place: str = NEAR) -> Actor:
        """The actor of an account, with a fresh factor."""
        return people.actor_for(self.account(place, role))

    def case(self, station: str = RICH) -> LoanCase:
        """The case of a station as it stands."""
        return applications.again(LoanCase.objects.get(number=self.cases[station]))

    def told(self) -> str:
        """The world in words that another process reads."""
        return json.dumps(asdict(self))


STAFF = tuple(role for role in Role if role != Role.BORROWER)


def build() -> World:
    """Make everything, through the services."""
    home, away = people.branch(HOME, name="Jinan branch"), people.branch(AWAY, name="Qingdao branch")
    registration_switch(actor=people.SETUP, is_open=True)
    approval.policy((100_000, ("approver_1",)), (2_000_000, ("approver_2",)))
    for kind in ReasonKind:
        workflow.reason(kind, f"{kind.replace('_', '-')}-reason")
    near = {str(role): people.staff(role, home, f"near-{role}") for role in STAFF}
    far = {str(role): people.staff(role, away, f"far-{role}") for role in STAFF}
    shared, blocked = people.staff(STAFF[0], away, "shared"), people.staff(STAFF[0], home, "blocked")
    owner, stranger = people.borrower_account("owner"), people.borrower_account("stranger")
    officer = people.actor_for(near["loan_officer"])
    rich = _rich(officer, home)
    _around(officer, rich, shared, blocked, owner, stranger)
    _of_the_house(near, far["loan_officer"], rich, shared)
    whole = {
        str(role): people.staff(role, None, f"house-{role}") for role in (Role.COMPLIANCE_OFFICER, Role.HEAD_OF_CREDIT)
    }
    handles = {
        HOUSE: {role: account.handle for role, account in whole.items()},
        NEAR: {role: account.handle for role, account in near.items()}, FAR: {role: account.handle for role, account in far.items()},
        SHARED: {"loan_officer": shared.handle}, BLOCKED: {"loan_officer": blocked.handle}, OWNER: {"borrower": owner.handle},
        STRANGER: {"borrower": stranger.handle},
    }  # fmt: skip
    _asked_for(owner, near, rich)
    _kept(near, rich, home)
    stations = {RICH: rich.number, **_stations(home, near, owner)}
    return World(handles, stations)


def _rich(officer: Actor, branch: Branch) -> LoanCase:
    """A secured case with a running loan, a payment on its way, and one of everything else."""
    case = payments.case_in_payout(officer=officer, branch=branch, secured=True, guaranteed=True)
    payee = payments.account_verified(case)
    payments.paid(case, amount=Decimal(200_000), payee=payee)
    case = applications.again(case)
    payments.prepared(payments.who(Role.PAYMENT_MAKER, case), case, Decimal(100_000), payee)
    loans.entered(payments.who(Role.POST_LOAN_OFFICER, case), loans.Loan.objects.get(case=case), Decimal(5_000))
    borrowers.bank_account(officer, case.borrower)
    message_send(actor=officer, case=case, audience="colleague", body="Seen the shop.")
    return applications.again(case)


def _around(
    officer: Actor, rich: LoanCase, shared: Account, blocked: Account, owner: Account, stranger: Account
) -> None:
    signer = rich.borrower.parties.filter(interests__kind="signer").first()
    access_give(actor=officer, borrower=rich.borrower, account=owner, party=signer)
    group_assign(actor=officer, borrower=rich.borrower, group=None, new_name="Songhua group")
    other = borrowers.borrower(branch=rich.branch)
    access_give(actor=officer, borrower=other, account=stranger)
    _except(actor=people.SETUP, case=rich, shared=shared, blocked=blocked)


def _of_the_house(near: dict[str, Account], far_officer: Account, rich: LoanCase, shared: Account) -> None:
    """What waits for somebody or is kept by somebody, apart from cases."""
    administrator, auditor = people.actor_for(near["administrator"]), people.actor_for(near["auditor"])
    role_grant(actor=administrator, person=shared.person, role=Role.TEAM_LEAD, branch=None, reason="leads from May on")
    reset_start(actor=administrator, account=far_officer, reason="phone in the river", site="https://x.example.test")
    for principal, role, most in (
        (near["loan_officer"], Role.LOAN_OFFICER, None),
        (far_officer, Role.LOAN_OFFICER, None),
        (near["approver_1"], Role.APPROVER_1, Decimal(500_000)),
    ):
        wanted = Handover(
            near["credit_analyst"].handle, role, None, clock.now() + dt.timedelta(days=30), "on leave", most
        )
        delegation_make(actor=people.actor_for(principal), wanted=wanted)
    _asked_rights(near, administrator)
    _reviewed_rights(near, administrator)
    paying_account_enter(actor=administrator, data=PayingData("CNY", "3700160880809999", "Songhua Bank, Jinan"))
    filter_save(actor=auditor, keeping=Keeping("refusals"), query="outcome=refused")
    export_ask(
        actor=auditor, order=Order(EventFilter(), WHOLE_LOG, "bundle", Purpose("internal_audit", "Yearly sample."))
    )
    part, why = Scope(branches=frozenset({rich.branch_id})), Purpose("complaint", "Letter of May.")
    clear = Order(EventFilter(), part, "csv", why, recipient=RECIPIENT, in_clear=True)
    clear_ask(actor=auditor, order=clear)
    sample_draw(actor=auditor, asked=EventFilter(), scope=part, size=12)
    reader = people.actor_for(people.staff(Role.AUDITOR, handle="house-auditor"))
    asked(bound_auditor("outside-auditor"), cases=[rich.number])
    with act(actor=reader):  # nothing is old enough for the service to take the proposal
        why = Purpose("retention", "Ten years are over.")
        record(Tag.STRETCH_PROPOSED, actor=reader, purpose=why, note={"from": 0, "to": 1, "first": 1, "last": 1})
    log_review_sign(actor=reader, words="Read all refusals of the month; nothing stood out.", last=last_number())
    for shelf, query in ((Shelf.CASES, "grade=A"), (Shelf.WORK, "tab=branch&sort=largest")):
        filter_save(actor=people.actor_for(near["loan_officer"]), keeping=Keeping("large"), query=query, page=shelf)
    for kind, title in (("info", "Open on Saturday"), ("outage", "No payouts tonight")):
        announce(actor=administrator, announcement=None, values=announcement_values(kind=kind, title_en=title))
    tied = people.staff(Role.LOAN_OFFICER, rich.branch, "tied")
    compliance = people.actor_for(near["compliance_officer"])
    tie_declare(actor=compliance, borrower=rich.borrower, person=tied.person, kind="relative")


def _reviewed_rights(near: dict[str, Account], administrator: Actor) -> None:
    """One review that is closed and signed, with everything kept, and one that is open."""
    first = review_open(actor=administrator)
    other = Account.objects.get(handle="far-administrator")
    for actor in (people.actor_for(near["team_lead"]), administrator, people.actor_for(other)):
        rows = lines_for(actor, first).filter(verdict=Verdict.OPEN).values_list("uuid", flat=True)
        lines_answer(actor=actor, review=first, lines=rows, verdict=Verdict.KEEP, reason="all still needed")
    review_close(actor=administrator, review=first)
    review_open(actor=administrator)


def _asked_rights(near: dict[str, Account], administrator: Actor) -> None:
    """The lead manages two officers; one asks for a right, and what the other asks for is agreed to."""
    lead, until = near["team_lead"], clock.today() + dt.timedelta(days=200)
    for role, wanted in (("loan_officer", Role.APPRAISER), ("post_loan_officer", Role.COMMITTEE_SECRETARY)):
        manager_set(actor=administrator, account=near[role], handle=lead.handle)
        asked = Wanted(wanted, None, until, "stands in from May on")
        row = right_ask(actor=people.actor_for(near[role]), wanted=asked)
        if role == "post_loan_officer":
            right_agree(actor=people.actor_for(lead), row=row)


@act
def _except(*, actor: Actor, case: LoanCase, shared: Account, blocked: Account) -> None:
    """Share the case with one and keep another off it."""
    kind = ContentType.objects.get_for_model(LoanCase)
    viewing, _made = Codename.objects.get_or_create(content_type=kind, codename=Permission.CASE_VIEW.value)
    LoanCaseUserObjectPermission.objects.create(
        user=shared, permission=viewing, content_object=case, reason="helps out"
    )
    CaseBlock.objects.create(case=case, person=blocked.person, reason="cousin")
    record(Tag.CASE_REASSIGNED, actor=actor, subject=case)


def _stations(branch: Branch, near: dict[str, Account], owner: Account) -> dict[str, str]:
    """A case at each station that pages of work want, all of businesses of their own."""
    officer = people.actor_for(near["loan_officer"])
    analyst, lead = people.actor_for(near["credit_analyst"]), people.actor_for(near["team_lead"])
    made = {
        "draft": applications.ready_draft(officer, branch=branch),
        "intake": _intake(officer, branch),
        "credit_review": _reviewed(officer, analyst, branch),
        "collateral_check": _valued(officer, branch),
        "approval": collateral.case_confirmed(officer=officer, branch=branch),
        "offered": approval.case_offered(officer=officer, branch=branch),
        "contracting": _contracting(officer, branch),
        "conditions": _conditions(officer, branch),
        "waiting": _waiting(officer, branch),
        "withdrawn": _withdrawn(officer, branch),
        "frozen": _frozen(officer, lead, branch),
        "online": _online(officer, branch, owner),
        "declined": _declined(officer, analyst, branch),
        "corrected": _corrected(officer, branch),
    }
    for station in ("offered", "waiting", "draft", "declined"):
        access_give(actor=officer, borrower=made[station].borrower, account=owner)
    review_ask(actor=people.actor_for(owner), case=made["declined"], words="We have traded for nine years.")
    return {station: case.number for station, case in made.items()}


def _intake(officer: Actor, branch: Branch) -> LoanCase:
    """Submitted, a document and a visit to look at, and a duplicate to settle."""
    twin = borrowers.business(phone=borrowers.phone_number())
    borrowers.borrower(officer, branch, phone=twin.phone)
    case = applications.case_in_intake(officer, branch=branch, phone=twin.phone)
    applications.document(officer, case, "other")
    applications.opened(officer, applications.document(officer, case, "other"))
    intake.duplicates_scan(actor=officer, case=case)
    return applications.again(case)


def _reviewed(officer: Actor, analyst: Actor, branch: Branch) -> LoanCase:
    case = applications.case_accepted(officer=officer, branch=branch)
    case = case_step(actor=analyst, case=case, event=Event.CLAIM, version=case.version)
    case = credit.reviewed(analyst, applications.again(case), guaranteed=True)
    alert_note(actor=analyst, case=case, version=case.version, note="The owner has a second business.")
    case = applications.again(case)
    asked = {"to_person_id": officer.person_id}
    case_step(
        actor=analyst, case=case, event=Event.ASK_COLLEAGUE, version=case.version, data=asked, text="Do they rent?"
    )
    return applications.again(case)


def _valued(officer: Actor, branch: Branch) -> LoanCase:
    case = credit.case_recommended(officer=officer, branch=branch, secured=True)
    collateral.whole_asset(collateral.appraiser(case), case)
    return applications.again(case)


def _contracting(officer: Actor, branch: Branch) -> LoanCase:
    case = approval.case_accepted_offer(officer=officer, branch=branch)
    payments.contract_make(actor=officer, case=case, version=case.version)
    return applications.again(case)


def _conditions(officer: Actor, branch: Branch) -> LoanCase:
    case = payments.case_contracted(officer=officer, branch=branch)
    first = next(one for one in payments.conditions_standing(case) if one.keeps_money_back)
    payments.evidence_give(
        actor=officer, case=case, version=case.version, condition=first.condition.uuid, note="Seen.", paper=payments.scan()
    )  # fmt: skip
    return applications.again(case)


def _waiting(officer: Actor, branch: Branch) -> LoanCase:
    case = applications.case_in_intake(officer, branch=branch)
    case = case_step(actor=officer, case=case, event=Event.CLAIM, version=case.version)
    due = {"due_on": clock.today() + dt.timedelta(days=7)}
    case = case_step(
        actor=officer, case=case, event=Event.ASK_BORROWER, version=case.version, data={"question": "The lease?", **due}, text="The lease?"
    )  # fmt: skip
    return applications.again(case)


def _withdrawn(officer: Actor, branch: Branch) -> LoanCase:
    case = applications.draft(officer, branch=branch)
    case = case_step(
        actor=officer, case=case, event=Event.WITHDRAW_RECORDED, version=case.version, reasons=["withdraw-reason"], text="No."
    )  # fmt: skip
    return applications.again(case)


def _frozen(officer: Actor, lead: Actor, branch: Branch) -> LoanCase:
    case = applications.case_in_intake(officer, branch=branch)
    case = case_step(
        actor=lead, case=case, event=Event.FREEZE, version=case.version, reasons=["freeze-reason"], text="An enquiry runs."
    )  # fmt: skip
    return applications.again(case)


def _declined(officer: Actor, analyst: Actor, branch: Branch) -> LoanCase:
    case = applications.case_in_intake(officer, branch=branch)
    review_decline(actor=analyst, case=case, version=case.version, reasons=["decline-reason"], text="Too young.")
    return applications.again(case)


def _asked_for(owner: Account, near: dict[str, Account], rich: LoanCase) -> None:
    """A copy of data that is ready, and another that is asked for."""
    asked = data_ask(actor=people.actor_for(owner), borrower=rich.borrower)
    data_give(actor=people.actor_for(near["compliance_officer"]), request=asked)
    data_ask(actor=people.actor_for(owner), borrower=rich.borrower)
    privacy_ask(
        actor=people.actor_for(owner), borrower=rich.borrower, kind="correction", words="We have moved to Nanjing Road."
    )


def _kept(near: dict[str, Account], rich: LoanCase, branch: Branch) -> None:
    """A borrower of long ago whom somebody wants forgotten, and a hold on another."""
    compliance, officer = people.actor_for(near["compliance_officer"]), people.actor_for(near["loan_officer"])
    with clock.at(clock.now() - dt.timedelta(days=12 * 366)):
        old = borrowers.borrower(officer, branch, founded_on=dt.date(2001, 5, 4))
    forget_ask(actor=compliance, borrower=old, cause="due")
    hold_place(actor=compliance, borrower=rich.borrower, why="Proceedings (2026) 17")


def _corrected(officer: Actor, branch: Branch) -> LoanCase:
    """An application of which two versions are kept."""
    case = applications.case_in_intake(officer, branch=branch)
    case = case_step(actor=officer, case=case, event=Event.CLAIM, version=case.version)
    party, paper = applications.signer_of(case), applications.document(officer, case, "confirmation")
    intake.application_correct(
        actor=officer, case=case, version=applications.again(case).version,
        correction=intake.Correction(words=intake.Words(purpose="New ovens, 两台烤箱", repayment_source="Sales")),
        confirmation=intake.Confirmation(party=party, confirmed_on=clock.today(), document=paper),
    )  # fmt: skip
    return applications.again(case)


def _online(officer: Actor, branch: Branch, owner: Account) -> LoanCase:
    """A draft that the business has opened in the portal, with a paper of its own."""
    business = borrowers.borrower(officer, branch)
    access_give(actor=officer, borrower=business, account=owner, party=borrowers.whole_people(officer, business))
    speaker = people.actor_for(owner)
    case = application_begin(
        actor=speaker, borrower=business, product=applications.product(), amount=Decimal(90_000), term_months=24
    )
    applications.document(speaker, case, "other")
    return applications.again(case)

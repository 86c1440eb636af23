"""The offer: its letters, its end, acceptance on paper and in the portal, and the round trip of a counter-offer."""

import dataclasses
import datetime as dt
import io
from dataclasses import dataclass
from decimal import Decimal

import pytest
from pypdf import PdfReader

from apps.approval import services
from apps.approval.models import Letter, Offer
from apps.approval.selectors import approval_outcome, counter_offer, offer_standing
from apps.approval.selectors.offers import letter_open
from apps.approval.services import AskedTerms
from apps.core import clock
from apps.core.actor import Actor, ActorKind, HeldRole
from apps.core.errors import BadInput, NotVisible, Refused, Stale
from apps.credit_review.services import recommend, recommendation_save
from apps.vault.files import storage
from apps.workflow.models import Facility, LoanCase, Message
from tests.accounts import factories as people
from tests.applications.factories import again
from tests.approval.factories import ONE, TWO, approver, case_needing, offer_of, paper, policy, signed
from tests.borrowers import factories as borrowers
from tests.credit_review.factories import explained, proposal
from tests.worlds import once_a_module


@dataclass(frozen=True)
class World:
    """A case with an open offer, its officer and its analyst."""

    case: LoanCase
    officer: Actor
    analyst: Actor


def build() -> World:
    """One case through the whole of approval."""
    policy()
    people.branch()
    officer, analyst = borrowers.officer(), borrowers.actor_of("credit_analyst")
    case = signed(case_needing(ONE, officer=officer, actor=analyst), approver(ONE))
    return World(case, officer, analyst)


world = once_a_module(build)
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]
SYSTEM = Actor.system("clock")


def borrower_of(case: LoanCase) -> Actor:
    """The borrower in the portal."""
    return Actor(
        ActorKind.BORROWER,
        "borrower-1",
        account_id=1,
        held=(HeldRole("borrower"),),
        borrower_ids=frozenset({case.borrower_id}),
    )


def accepted(world: World) -> LoanCase:
    services.offer_accept_recorded(actor=world.officer, case=world.case, version=world.case.version, paper=paper())
    return again(world.case)


def countered(world: World, *asked: AskedTerms, words: str = "We need less, for longer.") -> LoanCase:
    services.offer_negotiate_recorded(
        actor=world.officer, case=world.case, version=world.case.version, asked=list(asked), paper=paper(), words=words
    )
    return again(world.case)


# --- made ---


def test_the_offer_holds_what_was_signed(world: World):
    offer = offer_of(world.case)
    assert (offer.amount, offer.currency) == (Decimal(100_000), "CNY")
    assert offer.ends_on == clock.today() + dt.timedelta(days=world.case.product.offer_days)
    assert offer.terms["facilities"][0]["rate"] == "5.35"
    assert {"contract_in_force", "resolution", "account_verified", "review-1"} == {
        each["code"] for each in offer.terms["conditions"]
    }


def test_approved_terms_stand_on_the_facility(world: World):
    facility = Facility.objects.get(case=world.case)
    assert (facility.state, facility.approved_amount, facility.approved_term, facility.approved_rate) == (
        "approved", Decimal(100_000), 24, Decimal("5.35"),
    )  # fmt: skip
    assert facility.available_until == clock.today() + dt.timedelta(days=180)


def test_the_outcome_tells_later_stages_what_was_approved(world: World):
    outcome = approval_outcome(world.case)
    assert (outcome.amount, outcome.currency, outcome.levels, outcome.offer_id) == (
        Decimal(100_000), "CNY", (ONE,), offer_of(world.case).pk,
    )  # fmt: skip
    assert outcome.memo_digest == offer_of(world.case).memo.digest
    assert [(each.position, each.amount, each.term_months, each.rate) for each in outcome.facilities] == [
        (1, Decimal(100_000), 24, Decimal("5.35"))
    ]
    assert [each.code for each in outcome.conditions if each.has_detail] == ["review-1"]
    assert len(outcome.signer_ids) == 1
    assert outcome.accepted_at is None


def test_letters_are_written_in_both_languages_with_terms_conditions_and_end(world: World):
    letters = {letter.language: letter for letter in Letter.objects.filter(case=world.case)}
    assert sorted(letters) == ["en", "zh-hans"]
    opened = letter_open(world.officer, world.case, letters["en"].pk)
    text = " ".join(
        " ".join(page.extract_text() for page in PdfReader(io.BytesIO(b"".join(opened.content))).pages).split()
    )
    for words in (
        world.case.number,
        world.case.borrower.legal_name,
        "CNY 100,000.00",
        "5.35",
        "24 months",
        "Accounts of the business kept with us",
    ):
        assert words in text
    assert opened.name == f"{world.case.number}-offer-en.pdf"


def test_the_letter_in_the_vault_is_not_readable(world: World):
    letter = Letter.objects.select_related("file__owner").filter(case=world.case).first()
    assert letter.file.owner_id == world.case.borrower.key_owner_id
    with storage().open(letter.file.storage_name) as sealed:
        assert b"%PDF" not in sealed.read()


# --- accepted ---


def test_an_acceptance_on_paper_is_kept_with_its_paper(world: World):
    case = accepted(world)
    offer = offer_of(case)
    assert case.state == "contracting"
    assert (offer.accepted_how, offer.entered_by) == ("paper", world.officer.name)
    assert offer.paper.content_type == "application/pdf"
    assert approval_outcome(case).accepted_how == "paper"


def test_an_acceptance_on_paper_needs_the_paper(world: World):
    with pytest.raises(Refused, match="scanned paper"):
        services.offer_accept_recorded(actor=world.officer, case=world.case, version=world.case.version, paper=None)
    assert offer_of(world.case).accepted_at is None


def test_the_borrower_accepts_in_the_portal(world: World):
    services.offer_accept(actor=borrower_of(world.case), case=world.case, version=world.case.version)
    assert again(world.case).state == "contracting"
    assert offer_of(world.case).accepted_how == "portal"


def test_another_borrower_accepts_nothing(world: World):
    stranger = dataclasses.replace(borrower_of(world.case), borrower_ids=frozenset({10**6}))
    with pytest.raises(NotVisible):
        services.offer_accept(actor=stranger, case=world.case, version=world.case.version)


@pytest.mark.parametrize("role", ["credit_analyst", ONE, "payment_maker"])
def test_only_the_officer_enters_an_acceptance(world: World, role: str):
    with pytest.raises(Refused):
        services.offer_accept_recorded(
            actor=borrowers.actor_of(role), case=world.case, version=world.case.version, paper=paper()
        )


def test_an_offer_is_accepted_once(world: World):
    accepted(world)
    with pytest.raises(Stale):
        services.offer_accept_recorded(actor=world.officer, case=world.case, version=world.case.version, paper=paper())
    now = again(world.case)
    with pytest.raises(Refused):
        services.offer_accept_recorded(actor=world.officer, case=now, version=now.version, paper=paper())


def test_an_offer_is_accepted_on_its_last_day_and_no_later(world: World):
    last = offer_of(world.case).ends_on
    with clock.at(noon(last + dt.timedelta(days=1))), pytest.raises(Refused, match="ended on"):
        accepted(world)
    with clock.at(noon(last)):
        assert accepted(world).state == "contracting"


def noon(day: dt.date) -> dt.datetime:
    """Noon in China on a day."""
    return dt.datetime.combine(day, dt.time(4), dt.UTC)


# --- lapsed ---


def test_offers_that_are_over_lapse_and_others_stay(world: World):
    assert services.offers_lapse(SYSTEM) == 0
    with clock.at(noon(offer_of(world.case).ends_on + dt.timedelta(days=1))):
        assert services.offers_lapse(SYSTEM) == 1
        assert services.offers_lapse(SYSTEM) == 0
    case = again(world.case)
    assert case.state == "expired"
    assert Offer.objects.get(case=case).lapsed_at is not None
    assert Facility.objects.get(case=case).state == "asked"


def test_nobody_but_the_clock_lapses_an_offer(world: World):
    with clock.at(noon(offer_of(world.case).ends_on + dt.timedelta(days=1))), pytest.raises(Refused, match="system"):
        services.offer_lapse(actor=world.officer, case=world.case)


def test_an_offer_that_stands_does_not_lapse(world: World):
    with pytest.raises(Refused, match="still stands"):
        services.offer_lapse(actor=SYSTEM, case=world.case)


# --- counter-offers ---


def test_a_counter_offer_goes_back_to_the_review_with_what_is_asked(world: World):
    case = countered(world, AskedTerms(1, Decimal(80_000), 36, Decimal("5.10")))
    offer = Offer.objects.get(case=case)
    assert case.state == "credit_review"
    assert offer.asked == [{"position": 1, "amount": "80000", "term": 36, "rate": "5.1"}]
    assert counter_offer(case) == offer
    assert offer_standing(case) is None
    assert Facility.objects.get(case=case).approved_amount is None
    assert Message.objects.get(case=case).body.reveal() == "We need less, for longer."


def test_the_round_trip_of_a_counter_offer(world: World):
    case = countered(world, AskedTerms(1, Decimal(80_000)))
    lower = [dataclasses.replace(each, amount=Decimal(80_000)) for each in proposal(case).facilities]
    recommendation_save(actor=world.analyst, case=case, version=case.version, proposal=proposal(case, facilities=lower))
    case = explained(world.analyst, again(case))
    recommend(actor=world.analyst, case=case, version=case.version)
    case = signed(case, approver(ONE))
    assert case.state == "offered"
    assert offer_of(case).amount == Decimal(80_000)
    assert counter_offer(case) is None, "the new offer answers it"
    services.offer_accept_recorded(actor=world.officer, case=case, version=case.version, paper=paper())
    assert again(case).state == "contracting"


def test_the_borrower_negotiates_in_the_portal(world: World):
    services.offer_negotiate(
        actor=borrower_of(world.case), case=world.case, version=world.case.version, asked=[AskedTerms(1, term=12)]
    )
    assert again(world.case).state == "credit_review"


@pytest.mark.parametrize("asked", [[], [AskedTerms(1)], [AskedTerms(1, Decimal("100000.00"), 24, Decimal("5.350"))]])
def test_a_counter_offer_must_differ_from_the_offer(world: World, asked: list[AskedTerms]):
    with pytest.raises(Refused, match="which amount, term or rate"):
        countered(world, *asked)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (AskedTerms(1, Decimal(100_001)), "amount_1"),
        (AskedTerms(1, Decimal(0)), "amount_1"),
        (AskedTerms(1, Decimal(-5)), "amount_1"),
        (AskedTerms(1, term=600), "term_1"),
        (AskedTerms(1, rate=Decimal(101)), "rate_1"),
    ],
)
def test_impossible_terms_are_named_by_their_field(world: World, asked: AskedTerms, field: str):
    with pytest.raises(BadInput) as wrong:
        countered(world, asked)
    assert list(wrong.value.errors) == [field]


def test_a_counter_offer_on_paper_needs_the_paper(world: World):
    with pytest.raises(Refused, match="scanned paper"):
        services.offer_negotiate_recorded(
            actor=world.officer, case=world.case, version=world.case.version, asked=[AskedTerms(1, term=12)], paper=None
        )


def test_an_accepted_offer_is_not_negotiated(world: World):
    case = accepted(world)
    with pytest.raises(Refused):
        services.offer_negotiate_recorded(
            actor=world.officer, case=case, version=case.version, asked=[AskedTerms(1, term=12)], paper=paper()
        )


def test_who_approved_does_not_enter_the_acceptance(world: World):
    signer = world.case.memos.get().signatures.get().person
    both = dataclasses.replace(world.officer, person_id=signer.pk)
    with pytest.raises(Refused) as refused:
        services.offer_accept_recorded(actor=both, case=world.case, version=world.case.version, paper=paper())
    assert refused.value.guard == "duty"
    assert TWO not in approval_outcome(world.case).levels

"""What intake asks for: tables of cases and a few properties; no database."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.applications import rules
from apps.applications.policy import POLICY
from apps.applications.rules.completeness import (
    BENEFICIAL,
    OWNER,
    REPRESENTATIVE,
    SIGNER,
    BusinessFacts,
    FacilityFacts,
    PersonFacts,
    WordFacts,
)
from apps.applications.rules.evidence import CheckFacts, DocumentFacts, VisitFacts
from apps.applications.rules.knockout import LendingRange, is_excluded
from apps.applications.rules.promises import ConsentFacts, DeclarationFacts, speakers_of

TODAY = dt.date(2026, 11, 22)
NOW = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
BUSINESS = BusinessFacts(True, "Bakery", dt.date(2018, 1, 1), 34, True, True)
WANG = PersonFacts(1, "W••••", frozenset({OWNER, BENEFICIAL, REPRESENTATIVE, SIGNER}), Decimal(100), True, True)
ASKED = FacilityFacts(1, "new", Decimal(800_000), 24)
WORDS = WordFacts(True, True)


def missing(
    business: BusinessFacts = BUSINESS, people: tuple[PersonFacts, ...] = (WANG,),
    facilities: tuple[FacilityFacts, ...] = (ASKED,), words: WordFacts = WORDS,
) -> list[str]:  # fmt: skip
    return [str(line) for line in rules.missing_in_application(business, people, facilities, words, TODAY)]


# -- completeness


def test_complete_application_misses_nothing() -> None:
    assert missing() == []


@pytest.mark.parametrize(
    ("field", "empty", "word"),
    [
        ("has_identifier", False, "identifier"),
        ("industry", "", "industry"),
        ("founded_on", None, "founded"),
        ("employees", None, "employs"),
        ("has_address", False, "address"),
        ("has_phone", False, "phone"),
    ],
)
def test_each_missing_fact_of_the_business_is_named(field: str, empty: object, word: str) -> None:
    (line,) = missing(business=dataclasses.replace(BUSINESS, **{field: empty}))
    assert word in line


def test_nobody_employed_is_an_answer() -> None:
    assert missing(business=dataclasses.replace(BUSINESS, employees=0)) == []


@pytest.mark.parametrize(
    ("people", "words"),
    [
        ((), ["owners and their shares", "beneficial owners", "legal representative", "who signs"]),
        ((dataclasses.replace(WANG, share=Decimal(75)),), ["75 percent or less"]),
        ((dataclasses.replace(WANG, share=None),), ["75 percent or less"]),
        ((dataclasses.replace(WANG, parts=WANG.parts - {BENEFICIAL}),), ["beneficial owners"]),
        ((dataclasses.replace(WANG, parts=WANG.parts - {REPRESENTATIVE}),), ["legal representative"]),
        ((dataclasses.replace(WANG, parts=WANG.parts - {SIGNER}),), ["who signs"]),
        ((dataclasses.replace(WANG, authority_until=dt.date(2026, 11, 21)),), ["authority has ended"]),
        ((dataclasses.replace(WANG, has_id_number=False),), ["identity number of W••••"]),
        ((dataclasses.replace(WANG, has_birth_date=False),), ["date of birth of W••••"]),
    ],
)
def test_what_is_missing_of_people_is_named(people: tuple[PersonFacts, ...], words: list[str]) -> None:
    lines = missing(people=people)
    assert len(lines) == len(words)
    assert all(word in line for word, line in zip(words, lines, strict=True))


def test_authority_that_ends_today_still_holds() -> None:
    assert missing(people=(dataclasses.replace(WANG, authority_until=TODAY),)) == []


def test_guarantors_papers_are_not_asked_at_intake() -> None:
    guarantor = PersonFacts(2, "L••••", frozenset({"guarantor"}))
    assert missing(people=(WANG, guarantor)) == []


@pytest.mark.parametrize(
    ("facilities", "word"),
    [
        ((), "amount and term"),
        ((dataclasses.replace(ASKED, amount=Decimal(0)),), "amount of facility 1"),
        ((dataclasses.replace(ASKED, term_months=0),), "term of facility 1"),
        ((dataclasses.replace(ASKED, kind="renewal"),), "replaced by facility 1"),
    ],
)
def test_what_is_missing_of_the_request_is_named(facilities: tuple[FacilityFacts, ...], word: str) -> None:
    (line,) = missing(facilities=facilities)
    assert word in line


@pytest.mark.parametrize("kind", ["renewal", "top_up", "restructure"])
def test_replacing_facility_names_what_it_replaces(kind: str) -> None:
    assert missing(facilities=(dataclasses.replace(ASKED, kind=kind, replaces=True),)) == []


@pytest.mark.parametrize(
    ("words", "word"), [(WordFacts(False, True), "is for"), (WordFacts(True, False), "repaid from")]
)
def test_missing_words_are_named(words: WordFacts, word: str) -> None:
    (line,) = missing(words=words)
    assert word in line


# -- consents and declaration

KINDS = {"bureau": "Enquiry", "processing": "Processing"}
GIVEN = ConsentFacts("bureau", 1, NOW)


def test_each_kind_needs_its_own_consent() -> None:
    assert [str(line) for line in rules.consents_missing(KINDS, [GIVEN], {1})] == ["Consent is missing: Processing."]


@pytest.mark.parametrize(
    ("consent", "speakers"),
    [
        (dataclasses.replace(GIVEN, is_live=False), {1}),
        (GIVEN, {2}),
        (GIVEN, set()),
    ],
)
def test_withdrawn_or_strangers_consent_counts_for_nothing(consent: ConsentFacts, speakers: set[int]) -> None:
    assert len(rules.consents_missing({"bureau": "Enquiry"}, [consent], speakers)) == 1


def test_ended_case_is_reopened_with_consents_given_since() -> None:
    ended = NOW + dt.timedelta(hours=1)
    later = dataclasses.replace(GIVEN, entered_at=ended + dt.timedelta(minutes=1))
    kinds = {"bureau": "Enquiry"}
    assert rules.fresh_consents_missing(kinds, [GIVEN], {1}, ended) != []
    assert rules.fresh_consents_missing(kinds, [later], {1}, ended) == []
    assert rules.fresh_consents_missing(kinds, [GIVEN], {1}, None) == []


@pytest.mark.parametrize(
    ("declarations", "word"),
    [
        ([DeclarationFacts(1, 3)], None),
        ([], "not declared"),
        ([DeclarationFacts(1, 2)], "changed after"),
        ([DeclarationFacts(9, 3)], "not declared"),
    ],
)
def test_declaration_speaks_of_the_present_revision(declarations: list[DeclarationFacts], word: str | None) -> None:
    lines = [str(line) for line in rules.declaration_missing(declarations, 3, {1})]
    assert (lines == []) if word is None else (word in lines[0])


@pytest.mark.parametrize(
    ("given_facts", "lines"),
    [
        ((1, "portal", False, TODAY), 0),
        ((1, "paper", True, TODAY), 0),
        ((1, "paper", False, TODAY), 1),
        ((2, "portal", False, TODAY), 1),
        ((None, "", False, None), 3),
        ((1, "portal", False, TODAY + dt.timedelta(days=1)), 1),
    ],
)
def test_correction_is_confirmed_by_a_signer(given_facts: tuple[object, ...], lines: int) -> None:
    party, how, document, day = given_facts
    assert len(rules.reconfirmation_missing(party, how, document, day, {1}, TODAY)) == lines  # type: ignore[arg-type]


def test_signers_and_representatives_speak() -> None:
    people = [(1, {OWNER}), (2, {SIGNER, OWNER}), (3, {REPRESENTATIVE})]
    assert speakers_of(people) == {2, 3}
    assert speakers_of(people, {SIGNER}) == {2}


# -- documents, identity, duplicates, visit


@pytest.mark.parametrize(
    ("states", "word"),
    [
        (["accepted"], None),
        ([], "Add the document"),
        (["added"], "accept or reject"),
        (["rejected"], "better document"),
        (["accepted", "added"], "accept or reject"),
        (["accepted", "rejected"], None),
    ],
)
def test_checklist_says_what_to_do_about_a_document(states: list[str], word: str | None) -> None:
    documents = [DocumentFacts("licence", state) for state in states] + [DocumentFacts("other", "added")]
    lines = [str(line) for line in rules.checklist_missing({"licence": "Business licence"}, documents)]
    assert (lines == []) if word is None else (word in lines[0] and "Business licence" in lines[0])


@given(st.lists(st.sampled_from(["added", "accepted", "rejected"])))
def test_nothing_is_complete_without_an_accepted_document(states: list[str]) -> None:
    lines = rules.checklist_missing({"a": "A"}, [DocumentFacts("a", state) for state in states])
    assert (lines == []) == ("accepted" in states and "added" not in states)


@pytest.mark.parametrize(
    ("checks", "word"),
    [
        ([], "Check the identity"),
        ([True], None),
        ([False], "not confirmed"),
        ([True, False], "not confirmed"),
        ([False, True], None),
    ],
)
def test_newest_check_of_a_person_counts(checks: list[bool], word: str | None) -> None:
    lines = [str(line) for line in rules.identity_missing([WANG], [CheckFacts(1, passed) for passed in checks])]
    assert (lines == []) if word is None else (word in lines[0])


def test_owner_without_further_part_is_not_checked() -> None:
    assert rules.identity_missing([dataclasses.replace(WANG, parts=frozenset({OWNER}))], []) == []


def test_everything_shared_is_explained() -> None:
    found = [("phone", 7), ("person", 7), ("phone", 9)]
    assert [str(line)[-18:] for line in rules.duplicates_missing(found, set())] == ["2 still to settle."]
    assert [str(line)[-18:] for line in rules.duplicates_missing(found, {("phone", 7), ("phone", 9)})] == [
        "1 still to settle."
    ]
    assert rules.duplicates_missing(found, set(found)) == []


@pytest.mark.parametrize(
    ("days", "visitors", "fine"),
    [(3, {1, 2}, True), (90, {1, 2}, True), (91, {1, 2}, False), (3, {1}, False)],
)
def test_visit_is_of_two_and_fresh(days: int, visitors: set[int], fine: bool) -> None:
    visit = VisitFacts(NOW - dt.timedelta(days=days), frozenset(visitors))
    assert (rules.visit_missing([visit], NOW, POLICY) == []) is fine


def test_newest_visit_counts() -> None:
    visits = [VisitFacts(NOW - dt.timedelta(days=days), frozenset({1, 2})) for days in (200, 10, 400)]
    assert rules.visit_missing(visits, NOW, POLICY) == []


# -- knock-outs

RANGE = LendingRange(Decimal(10_000), Decimal(1_000_000), 3, 60)


def found(
    founded: dt.date | None = BUSINESS.founded_on, industry: str = "Bakery", asked: FacilityFacts = ASKED
) -> set[str]:
    return {each.code for each in rules.knock_outs(founded, industry, [asked], RANGE, POLICY, TODAY)}


@pytest.mark.parametrize(
    ("founded", "codes"),
    [
        (dt.date(2025, 11, 22), set()),
        (dt.date(2025, 11, 23), {"too_young"}),
        (None, set()),
    ],
)
def test_business_has_to_be_a_year_old(founded: dt.date | None, codes: set[str]) -> None:
    assert found(founded=founded) == codes


@pytest.mark.parametrize(
    ("industry", "out"),
    [
        ("Casino hotel", True),
        ("网络博彩", True),
        ("713210 Leisure", True),
        ("7132", True),
        ("Firearms retail", True),
        ("虚拟货币挖矿", True),
        ("Bakery", False),
        ("713940 Fitness", False),
        ("", False),
        ("Shop at 7132 Main Street", False),
    ],
)
def test_excluded_industries_are_known_by_word_or_code(industry: str, out: bool) -> None:
    assert (found(industry=industry) == {"industry_excluded"}) is out
    assert any(is_excluded(industry, each) for each in POLICY.excluded) is out


@pytest.mark.parametrize(
    ("amount", "term", "codes"),
    [
        (10_000, 3, set()),
        (1_000_000, 60, set()),
        (9_999, 3, {"amount_outside"}),
        (1_000_001, 60, {"amount_outside"}),
        (10_000, 2, {"term_outside"}),
        (10_000, 61, {"term_outside"}),
        (1, 61, {"amount_outside", "term_outside"}),
    ],
)
def test_request_outside_the_product_is_knocked_out(amount: int, term: int, codes: set[str]) -> None:
    assert found(asked=FacilityFacts(1, "new", Decimal(amount), term)) == codes


@given(st.decimals(10_000, 1_000_000, places=2), st.integers(3, 60))
def test_nothing_inside_the_product_is_knocked_out(amount: Decimal, term: int) -> None:
    assert found(asked=FacilityFacts(1, "new", amount, term)) == set()


def test_each_knock_out_is_found_once() -> None:
    outs = rules.knock_outs(None, "casino weapons", [ASKED, ASKED], RANGE, POLICY, TODAY)
    assert [each.code for each in outs] == ["industry_excluded"]

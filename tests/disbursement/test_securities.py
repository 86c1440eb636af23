"""A secured case with a guarantor: who signs, and what the contract's text names in both languages."""

from __future__ import annotations

from decimal import Decimal

import pytest

from apps.collateral.rules import Encumbrance
from apps.collateral.selectors import assets_known
from apps.disbursement.papers import contract_data
from apps.disbursement.rules import rank_of_ours
from apps.disbursement.selectors.guarantees import guarantors_approved, guarantors_unreviewed
from apps.disbursement.services.contracts import contract_make
from tests.applications.factories import signer_of
from tests.borrowers import factories as borrowers
from tests.disbursement import worlds
from tests.disbursement.worlds import World
from tests.worlds import once_a_module

world = once_a_module(lambda: worlds.contracting(secured=True, guaranteed=True))
pytestmark = [pytest.mark.usefixtures("world"), pytest.mark.django_db]


def lists(world: World, language: str = "en") -> dict[str, list[str]]:
    """Headings with their lines."""
    return dict(contract_data(world.case, language)["lists"])


def test_the_approved_guarantor_signs_though_nobody_entered_a_part_for_them(world: World):
    contract = contract_make(actor=world.actor("officer"), case=world.case, version=world.case.version)
    signer = signer_of(world.case)
    assert [(line.role, line.party_id) for line in contract.parties.order_by("id")] == [
        ("borrower", signer.pk),
        ("guarantor", signer.pk),
    ]


def test_a_part_of_a_reviewed_guarantor_stops_nothing(world: World):
    borrowers.interest_add(actor=world.actor("officer"), party=signer_of(world.case), kind="guarantor")
    assert guarantors_unreviewed(world.case) == []
    assert contract_make(actor=world.actor("officer"), case=world.case, version=world.case.version).parties.count() == 2


def test_the_text_names_the_guarantor_and_how_far_they_stand_in(world: World):
    (line,) = lists(world)["Guarantors"]
    (approved,) = guarantors_approved(world.case)
    assert line.startswith(str(approved.party.name.reveal()))
    assert "joint and several" in line
    assert f"CNY {approved.amount:,.2f}" in line
    assert approved.party.name.reveal() in contract_data(world.case, "en")["signatures"]


def test_the_text_names_each_asset_with_title_and_rank(world: World):
    (line,), (known,) = lists(world)["Collateral"], assets_known(world.case)
    for part in (known.asset.description, known.asset.title_no.reveal(), world.case.borrower.legal_name, "rank 1"):
        assert str(part) in line


def test_the_text_names_each_condition_and_when_it_is_due(world: World):
    lines = lists(world)["Conditions"]
    assert any(line.startswith("Before payout: ") for line in lines)
    assert all(line.startswith(("Before payout: ", "Within ")) for line in lines)


def test_both_languages_state_the_same(world: World):
    english, chinese = contract_data(world.case, "en")["lists"], contract_data(world.case, "zh-hans")["lists"]
    assert [len(lines) for _heading, lines in english] == [len(lines) for _heading, lines in chinese]
    assert english[2][1] != chinese[2][1]


@pytest.mark.parametrize(
    ("liens", "rank"),
    [
        ((), 1),
        ((Encumbrance(1, Decimal(5)),), 2),
        ((Encumbrance(1, Decimal(5)), Encumbrance(3, Decimal(5))), 4),
        ((Encumbrance(1, Decimal(5)), Encumbrance(2, Decimal(5), is_ours=True)), 2),
        ((Encumbrance(2, Decimal(5)), Encumbrance(1, Decimal(5), is_ours=True)), 1),
    ],
)
def test_our_rank_is_the_registered_one_else_the_next(liens: tuple[Encumbrance, ...], rank: int):
    assert rank_of_ours(liens) == rank

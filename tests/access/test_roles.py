"""The role table says what it must, whatever is added to it."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.access import roles
from apps.access.roles import ADMINISTERING, APPROVING_OR_PAYING, ROLE_TABLE, SYSTEM_TABLE, Role
from apps.core.permissions import Permission

ACTING = [Role.PAYMENT_MAKER, Role.PAYMENT_CHECKER, Role.APPROVER_1]
role_sets = st.sets(st.sampled_from(list(Role)))


def test_every_role_stands_in_the_table() -> None:
    assert list(ROLE_TABLE) == list(Role)


def test_no_permission_is_held_by_nobody() -> None:
    by_systems = frozenset().union(*SYSTEM_TABLE.values())
    orphans = [each for each in Permission if not roles.roles_with(each) and each not in by_systems]
    assert orphans == []


def test_no_single_role_administers_and_approves_or_pays() -> None:
    assert [role for role in Role if roles.incompatible([role])] == []


@given(held=role_sets)
def test_incompatible_roles_are_those_whose_permissions_meet_on_both_sides(held: set[Role]) -> None:
    permissions = roles.permissions_of(held)
    both = bool(permissions & ADMINISTERING) and bool(permissions & APPROVING_OR_PAYING)
    assert (roles.incompatible(held) is not None) == both


@given(held=role_sets, more=role_sets)
def test_more_roles_never_take_a_permission_away(held: set[Role], more: set[Role]) -> None:
    assert roles.permissions_of(held) <= roles.permissions_of(held | more)


@pytest.mark.parametrize(
    ("permission", "holders"),
    [
        (Permission.APPROVAL_SIGN, {Role.APPROVER_1, Role.APPROVER_2, Role.APPROVER_3}),
        (Permission.PAYMENT_PREPARE, {Role.PAYMENT_MAKER}),
        (Permission.PAYMENT_RELEASE, {Role.PAYMENT_CHECKER}),
        (Permission.CONDITION_VERIFY, {Role.DISBURSEMENT_REVIEWER}),
        (Permission.CREDIT_RECOMMEND, {Role.CREDIT_ANALYST}),
        (Permission.COLLATERAL_CONFIRM, {Role.APPRAISER}),
        (Permission.ROLE_GRANT, {Role.ADMINISTRATOR}),
        (Permission.PEOPLE_INVITE, {Role.ADMINISTRATOR}),
        (Permission.AUDIT_EXPORT, {Role.AUDITOR}),
        (Permission.AUDIT_UNMASK, {Role.COMPLIANCE_OFFICER}),
        (Permission.PORTAL_USE, {Role.BORROWER}),
        (Permission.DATA_REQUEST_DECIDE, {Role.LOAN_OFFICER, Role.COMPLIANCE_OFFICER}),
        (Permission.DECISION_REVIEW, {Role.TEAM_LEAD, Role.HEAD_OF_CREDIT}),
        (Permission.ANNOUNCE, {Role.ADMINISTRATOR}),
        (Permission.PORTAL_MANAGE, {Role.HEAD_OF_CREDIT, Role.ADMINISTRATOR}),
    ],
)
def test_powerful_permissions_have_exactly_these_holders(permission: Permission, holders: set[Role]) -> None:
    assert set(roles.roles_with(permission)) == holders


def test_auditors_change_nothing() -> None:
    reading = {
        "view",
        "export",
        "verify",
        "people_view",
        "matrix_view",
        "process_view",
        "document_view",
        "payment_view",
        "privacy_view",
        "sight_view",
        "review",
        "right_ask",  # for themselves; others agree and give
        "engagement_manage",  # what external auditors read, which is no business of the bank's
        "retire",  # as one of two, what goes from the log to the archive: nothing of the bank's business either
    }
    assert {each.value.partition(".")[2] for each in ROLE_TABLE[Role.AUDITOR]} <= reading


@pytest.mark.parametrize("pair", list(itertools.combinations(ACTING, 2)))
def test_maker_checker_and_approver_share_no_power(pair: tuple[Role, Role]) -> None:
    one, other = (ROLE_TABLE[role] & APPROVING_OR_PAYING for role in pair)
    assert not one & other


def test_an_unknown_role_raises() -> None:
    with pytest.raises(ValueError, match="no_such_role"):
        roles.permissions_of(["no_such_role"])


def test_a_refusal_names_who_can() -> None:
    assert roles.who_can(Permission.PAYMENT_RELEASE) == "Payment checker"

"""Every action belongs to one domain, and the condition on events is the table itself."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.access.roles import EVERYTHING, LOG_DOMAINS, ROLE_TABLE, Role
from apps.audit.domains import AREAS, OWN, Domain, domain_of, within
from apps.audit.models import AuditEvent
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.core.permissions import Permission
from tests.audit.factories import SYSTEM


def test_every_action_has_a_domain() -> None:
    assert {tag.value: domain_of(tag.value) for tag in Tag if domain_of(tag.value) is None} == {}


def test_every_permission_has_one_too_for_its_refusals_bear_its_name() -> None:
    assert [each for each in Permission if domain_of(each.value) is None] == []


def test_a_line_of_its_own_says_something_else_than_the_app_does() -> None:
    assert [action for action, domain in OWN.items() if AREAS[action.partition(".")[0]] == domain] == []


def test_what_no_line_tells_of_belongs_to_nobody_who_reads_a_part() -> None:
    assert domain_of("act") is None
    assert domain_of("nowhere.done") is None


def test_every_role_that_reads_the_log_has_its_domains_and_no_other() -> None:
    assert set(LOG_DOMAINS) == {role for role, held in ROLE_TABLE.items() if Permission.AUDIT_VIEW in held}
    for role, domains in LOG_DOMAINS.items():
        business = {Domain.BORROWERS, Domain.CASES, Domain.MONEY}
        assert domains == EVERYTHING or not domains & business, role


@pytest.mark.parametrize(
    ("action", "administrators"),
    [
        (Tag.EXPORT_ASKED, False),
        (Tag.JOB_STARTED, False),
        (Tag.CLEAR_ASKED, False),
        (Tag.LOG_EXPORTED, False),
        (Tag.SAMPLE_DRAWN, False),
        (Tag.JOB_FAILED, True),
        (Tag.JOB_FINISHED, True),
    ],
)
def test_what_auditors_ask_of_the_log_is_not_for_administrators(action: Tag, administrators: bool) -> None:
    assert (domain_of(action) in LOG_DOMAINS[Role.ADMINISTRATOR]) == administrators
    assert domain_of(action) in LOG_DOMAINS[Role.SECURITY_OFFICER]


def test_whose_values_were_opened_is_a_look_at_borrowers() -> None:
    assert domain_of(Tag.VALUES_OPENED) is Domain.BORROWERS


@pytest.mark.django_db
def test_the_condition_finds_the_events_of_the_domains_and_no_other() -> None:
    with act(actor=SYSTEM):
        for tag in Tag:
            record(tag, actor=SYSTEM)

    @settings(max_examples=25, deadline=None)
    @given(st.sets(st.sampled_from(Domain)))
    def held(domains: set[Domain]) -> None:
        found = set(AuditEvent.objects.filter(within(domains)).values_list("action", flat=True))
        assert found == {tag.value for tag in Tag if domain_of(tag.value) in domains}

    held()

"""The result: what is kept is what the tables in use give, its spelling is stable, and a missed goal fails the command."""

from __future__ import annotations

import datetime as dt
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import override

from apps.access.administration import HANDING, RULES, Change
from apps.access.roles import POWERFUL
from apps.workflow.management.commands import duties_prove
from apps.workflow.process import TABLE
from apps.workflow.proof import checks
from apps.workflow.proof.bank import Bank, Delegation
from apps.workflow.proof.kept import keep, kept
from apps.workflow.proof.report import GOAL, SETTINGS, Proof, Setting, digest, prove

WEAK = Bank(rules={**RULES, Change.POWERFUL_ROLE: replace(RULES[Change.POWERFUL_ROLE], agree=())})


def test_what_is_kept_is_what_the_tables_in_use_give() -> None:
    """Fails after a change of any table: run ``manage.py duties_prove --keep`` and look at what it says."""
    found = prove()
    assert found.holds
    assert replace(kept(), on=None) == found


def test_every_setting_is_proved_and_the_goals_are_met() -> None:
    found = kept()
    assert [figure.setting for figure in found.figures] == list(SETTINGS)
    assert found.least.people >= GOAL
    assert found.least_with_delegation.people >= GOAL - 1
    assert found.holds


def test_a_result_reads_back_as_it_was_kept(tmp_path: Path) -> None:
    found = prove(WEAK, SETTINGS[:1])
    keep(found, dt.date(2026, 11, 27), tmp_path / "proved.json")
    assert kept(tmp_path / "proved.json") == replace(found, on=dt.date(2026, 11, 27))


@pytest.mark.parametrize(
    "other",
    [
        Bank(table=TABLE[:-1]), Bank(powerful=POWERFUL - {"auditor"}), WEAK, Bank(tied={}),
        Bank(handing=replace(HANDING, second=None)), Bank(handing=replace(HANDING, never=frozenset())),
    ],
    ids=["process", "powerful", "rules", "guards", "second", "never"],
)  # fmt: skip
def test_any_change_of_a_table_changes_the_digest(other: Bank) -> None:
    assert digest(other) != digest()
    assert digest() == digest(Bank())


def test_a_system_check_warns_where_the_tables_in_use_were_not_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.check_proved() == []
    monkeypatch.setattr(checks, "digest", lambda: "0" * 64)
    assert [each.id for each in checks.check_proved()] == ["workflow.W001"]


def test_the_json_has_the_names_that_others_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duties_prove, "prove", kept)
    out = io.StringIO()
    with override("zh-hans"):
        call_command("duties_prove", json=True, stdout=out)
    told = json.loads(out.getvalue())
    assert (told["least_people"], told["least_people_with_delegation"], told["holds"]) == (4, 4, True)
    assert told["path"][0].startswith("A invites people")
    assert set(told["settings"][0]) == {
        "secured", "verifier_may_review", "delegation", "administration", "people", "goal", "holds", "path",
    }  # fmt: skip


@pytest.mark.parametrize("as_json", [False, True])
def test_the_command_fails_where_a_goal_is_missed_and_prints_the_way_all_the_same(
    monkeypatch: pytest.MonkeyPatch, as_json: bool
) -> None:
    monkeypatch.setattr(duties_prove, "prove", _weak)
    out = io.StringIO()
    with pytest.raises(CommandError, match="Too few people"):
        call_command("duties_prove", json=as_json, stdout=out)
    assert "Release the payment" in out.getvalue()
    assert "MISSED" in out.getvalue() or as_json


def _weak(*_args: Any) -> Proof:
    return prove(WEAK, [Setting(False, False), Setting(False, False, Delegation.OUTSIDE)])

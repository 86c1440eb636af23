"""The published table of who reaches what is whole, and is what a walk finds: a part of it at each run, all with ``make matrix``.

Fails after a page has come, gone or changed what it demands: run ``make matrix``.
"""

from __future__ import annotations

import itertools
import os
import re
from pathlib import Path

import pytest
from django.conf import settings

from apps.access.roles import ROLE_TABLE, SEES_CASES, Role
from apps.console import reach
from apps.console.reach import CLASSES, FILE, as_json, read
from apps.console.reach_docs import as_markdown
from apps.core.permissions import Permission
from tests.walks.addresses import Page, open_to, pages
from tests.walks.reaching import NOT_WALKED, addressed, demands, steps_up, table, walk
from tests.walks.world import World

PUBLISH = os.environ.get("LOANFLOW_PUBLISH", "")
OBJECTS = tuple(name for name in CLASSES if name != "page")
EVERY = 5
"""Every so many pages are walked again at each run, others for each class."""


@pytest.mark.skipif(not PUBLISH, reason="make matrix writes the table")
@pytest.mark.timeout(3000)
@pytest.mark.django_db
def test_the_table_is_walked_and_written(world: World) -> None:
    known = {} if PUBLISH == "all" else read()
    FILE.write_text(as_json(table(world, known)))
    reach.kept.cache_clear()
    (Path(settings.BASE_DIR) / "docs" / "matrix.md").write_text(as_markdown())


def test_every_page_has_its_line_with_what_it_demands() -> None:
    walked = {page.key: page for page in pages() if page.name not in NOT_WALKED}
    kept = read()
    assert set(kept) == set(walked), "run make matrix"
    stale = [
        key for key, page in walked.items() if (kept[key].demands, kept[key].step_up) != (demands(page), steps_up(page))
    ]
    assert stale == [], "run make matrix"


def test_no_cell_is_empty() -> None:
    shape = re.compile(r"[oafhn]{2}|-")
    for address in read().values():
        assert set(address.cells) == set(Role.values), address.name
        for role, cells in address.cells.items():
            assert tuple(cells) in {("page",), OBJECTS}, (address.name, role)
            assert all(shape.fullmatch(text) for text in cells.values()), (address.name, role)


def test_a_role_without_the_permission_is_refused_whatever_the_object() -> None:
    by_key = {page.key: page for page in pages()}
    for address in read().values():
        for role in Role:
            if not open_to(by_key[address.name], role):
                assert set(address.cells[role.value].values()) == {"ff"}, (address.name, role)


def test_another_branch_own_business_and_a_block_hide_what_is_there() -> None:
    """Addresses about a case, its borrower and its loans; a block is on the case, and leaves its borrower open."""
    seen = []
    for address in read().values():
        if OBJECTS[0] not in address.classes:
            continue
        kinds = ("other", "business") if address.name.startswith("borrowers:") else ("other", "business", "blocked")
        for (role, cells), kind in itertools.product(address.cells.items(), kinds):
            if set(cells[kind]) & {"o", "a"} and not _of_the_house(cells, role):
                seen.append((address.name, role, kind, cells[kind]))
    assert seen == []


def _of_the_house(cells: dict[str, str], role: str) -> bool:
    """Tell whether a page answers everybody alike: it is about what belongs to the institution, and to no case."""
    return len({text for text in cells.values() if text != "-"}) == 1


def test_a_share_opens_reading_and_nothing_else() -> None:
    by_key = {page.key: page for page in pages()}
    for address in read().values():
        cells = address.cells[Role.LOAN_OFFICER.value]
        mark = set(demands(by_key[address.name]))
        reading = set(mark & {each.value for each in ROLE_TABLE[Role.LOAN_OFFICER]}) <= {
            each.value for each in SEES_CASES
        }
        if OBJECTS[0] in address.classes and not reading and not _of_the_house(dict(cells), Role.LOAN_OFFICER):
            assert cells["shared"][1] != "o", address.name


@pytest.mark.django_db
@pytest.mark.parametrize("at", range(len(CLASSES)), ids=list(CLASSES))
def test_what_is_published_is_what_the_walk_finds(world: World, at: int) -> None:
    """One role for each page of the part, another one for each class."""
    kept, kind = read(), list(CLASSES)[at]
    turn = {key: number for number, key in enumerate(addressed(world))}
    roles = list(Role)

    def wanted(page: Page, role: Role, what: str) -> bool:
        if what != kind or turn[page.key] % EVERY != at % EVERY:
            return False
        able = [each for each in roles if open_to(page, each)]
        return role == able[(turn[page.key] + at) % len(able)]

    differs = [
        (page.key, role.value, kept[page.key].cells[role.value][what], letters)
        for page, role, what, letters in walk(world, wanted)
        if kept[page.key].cells[role.value][what] != letters
    ]
    assert differs == [], "run make matrix ARGS=all, and look at what has changed"


def test_the_page_in_docs_is_in_step_with_the_table() -> None:
    assert (Path(settings.BASE_DIR) / "docs" / "matrix.md").read_text() == as_markdown(), "run manage.py matrix_docs"


def test_permissions_in_the_table_exist() -> None:
    known = {each.value for each in Permission} | {"public", "signed_in", "enrolling"}
    assert {each for address in read().values() for each in address.demands} <= known

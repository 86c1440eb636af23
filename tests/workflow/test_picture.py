"""The drawing is computed from the table: every arrow of the process stands on it, inside its frame."""

from __future__ import annotations

import re

import pytest
from django.template.loader import render_to_string

from apps.workflow import chart
from apps.workflow.picture import ENDS, HEIGHT, LINE, WIDTH, Arrow, pairs, picture, stays
from apps.workflow.process import NEW, SAME, TABLE, Event, find
from apps.workflow.states import State

PICTURE = picture()


def said(arrow: Arrow) -> str:
    """Words of an arrow."""
    return str(arrow.words)


def test_every_state_has_one_box() -> None:
    assert sorted(box.state for box in PICTURE.boxes) == sorted(State)


def test_every_way_from_state_to_state_is_on_an_arrow() -> None:
    for (source, target), events in pairs().items():
        names = (str(State(source).label), str(State(target).label))
        fitting = [arrow for arrow in PICTURE.arrows if all(name in said(arrow) for name in names)]
        for event in events:
            assert any(str(event.label) in said(arrow) for arrow in fitting), (source, target, event)


def test_arrows_are_numbered_from_one_without_a_gap() -> None:
    assert [arrow.number for arrow in PICTURE.arrows] == list(range(1, len(PICTURE.arrows) + 1))


@pytest.mark.parametrize("arrow", PICTURE.arrows, ids=lambda arrow: str(arrow.number))
def test_an_arrow_stays_inside_the_frame(arrow: Arrow) -> None:
    numbers = [float(figure) for figure in re.findall(r"-?\d+(?:\.\d+)?", arrow.path)]
    assert all(0 <= figure <= max(WIDTH, HEIGHT) for figure in numbers)
    assert 0 <= arrow.label_x <= WIDTH
    assert 0 <= arrow.label_y <= HEIGHT


def test_boxes_do_not_touch_each_other() -> None:
    for position, box in enumerate(PICTURE.boxes):
        assert box.x >= 0
        assert box.x + box.width <= WIDTH
        for other in PICTURE.boxes[position + 1 :]:
            apart = box.x + box.width <= other.x or other.x + other.width <= box.x
            assert apart or box.y + box.height <= other.y or other.y + other.height <= box.y


def test_steps_that_change_nothing_are_counted_in_their_box() -> None:
    assert Event.CLAIM.label in stays(State.INTAKE)
    assert not stays(State.COMPLETED)
    assert all(len(stays(state)) == sum(row.target == SAME and state in row.sources for row in TABLE) for state in LINE)


def test_each_end_has_a_dot_for_every_state_it_is_reached_from() -> None:
    for state in ENDS:
        arrow = next(
            arrow
            for arrow in PICTURE.arrows
            if arrow.kind == "end" and said(arrow).partition("→")[2].strip().startswith(str(state.label))
        )
        sources = [source for source, target in pairs() if target == state and source in LINE]
        assert len(arrow.dots) == len(sources)


def test_the_svg_carries_no_inline_style_unless_it_stands_alone() -> None:
    page = render_to_string("workflow/process_picture.svg", {"picture": PICTURE})
    assert "style" not in page.replace("process-picture", "")
    assert "<style>" in render_to_string("workflow/process_picture.svg", {"picture": PICTURE, "standalone": True})
    assert "<title>" in page


def test_the_table_has_a_line_for_every_row() -> None:
    assert [line.name for line in chart.lines()] == [row.event.value for row in TABLE]


@pytest.mark.parametrize(
    ("event", "who"),
    [
        (Event.IMPORT, "the system"),
        (Event.ANSWER, "Borrower"),
        (Event.RECOMMEND_SECURED, "Credit analyst"),
        (Event.SUBMIT, "Loan officer"),
    ],
)
def test_the_table_names_who_takes_a_step(event: Event, who: str) -> None:
    line = next(line for line in chart.lines() if line.name == event.value)
    assert str(line.who) == who


def test_the_table_names_sets_of_states_in_one_word() -> None:
    by_name = {line.name: [str(source) for source in line.sources] for line in chart.lines()}
    assert by_name["claim"] == ["any open state"]
    assert by_name["withdraw"] == ["any state before the money is paid"]
    assert by_name["create"] == ["not there yet"]


def test_a_guard_that_nobody_registered_is_named_by_its_code() -> None:
    assert chart.guard_words("no_such_guard") == "no such guard"
    assert find(NEW, Event.CREATE) is not None

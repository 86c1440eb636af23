"""Masks: what is shown, and that it is never the value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.vault.masks import DOTS, Mask, masked


@pytest.mark.parametrize(
    ("style", "text", "shown"),
    [
        (Mask.NAME, "Wang Xiaoming", "W••••"),
        (Mask.NAME, "王小明", "王••••"),
        (Mask.NAME, "王", "••••"),
        (Mask.EMAIL, "w@example.com", "••••@example.com"),
        (Mask.TAIL4, "6222021234564417", "•••• 4417"),
        (Mask.TAIL4, "12345678", "•••• 5678"),
        (Mask.TAIL4, "1234567", "••••"),
        (Mask.IDENTIFIER, "91370100MA3C4K2K7X", "91370100••••••2K7X"),
        (Mask.IDENTIFIER, "123456789", "•••• 6789"),
        (Mask.IDENTIFIER, "1234567", "••••"),
        (Mask.EMAIL, "wang@example.com", "w••••@example.com"),
        (Mask.EMAIL, "no address", "••••"),
        (Mask.EMAIL, "@example.com", "••••"),
        (Mask.FILE, "Business licence 王小明.pdf", "••••.pdf"),
        (Mask.FILE, "licence", "••••"),
        (Mask.FILE, ".profile", "••••"),
        (Mask.FILE, "scan.of Wang Xiaoming", "••••"),
        (Mask.FILE, "scan.王小明", "••••"),
        (Mask.FULL, "anything", "••••"),
    ],
)
def test_each_style_shows_what_it_may(style: Mask, text: str, shown: str) -> None:
    assert masked(style, text) == shown


@pytest.mark.parametrize("style", Mask)
def test_nothing_is_shown_as_nothing(style: Mask) -> None:
    assert masked(style, "") == ""


@given(st.sampled_from(list(Mask)), st.text(min_size=1, max_size=60))
def test_no_mask_shows_the_value_or_its_length(style: Mask, text: str) -> None:
    shown = masked(style, text)
    assert DOTS in shown
    assert text not in shown or text in DOTS + ". @"
    assert len(masked(Mask.FULL, text)) == len(DOTS)


@given(st.text(alphabet=st.characters(exclude_characters="•"), min_size=16, max_size=60))
def test_an_identifier_keeps_at_least_a_quarter_hidden(text: str) -> None:
    shown = masked(Mask.IDENTIFIER, text)
    assert len(shown.replace("•", "")) <= 12

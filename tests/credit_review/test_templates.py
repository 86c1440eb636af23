"""What the panels of the review draw from their values."""

from django.template.loader import render_to_string

from apps.credit_review.rules import ratio_lines
from tests.credit_review.factories import figures


def test_every_year_of_every_ratio_is_drawn_with_its_value() -> None:
    lines = ratio_lines([figures(), figures(current_assets=1_400_000)])
    page = render_to_string("credit_review/panel_ratios.html", {"ratios": {"years": [2024, 2025], "lines": lines}})
    drawn = [cell.split("</td>")[0].strip() for cell in page.split('<td class="num">')[1:]]
    assert len(drawn) == 2 * len(lines)
    assert drawn[:2] == ["1.64", "2.00"]
    assert all(
        (cell == "–") == (value is None)
        for cell, value in zip(drawn, [v for line in lines for v in line.values], strict=True)
    )

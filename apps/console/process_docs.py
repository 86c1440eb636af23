"""The process as files for docs/: the same drawing and table as the page, in English."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils.translation import override

from apps.workflow.chart import Line, lines
from apps.workflow.picture import picture

HEAD = """# The process of a case

Drawn by `manage.py process_docs` from `apps/workflow/process.py`; a test fails when the two differ.

![The process of a case](process.svg)

"""
COLUMNS = ("Step", "From", "To", "Who", "Duty", "Must hold")


def as_svg() -> str:
    """Draw the process with its colours inside the file."""
    with override("en"):
        text = render_to_string("workflow/process_picture.svg", {"picture": picture(), "standalone": True})
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip()) + "\n"


def as_markdown() -> str:
    """Write the numbers of the drawing and every row of the table."""
    with override("en"):
        numbers = "\n".join(f"{arrow.number}. {arrow.words}" for arrow in picture().arrows)
        rows = "\n".join(_row(line) for line in lines())
    rule = "|".join(["---"] * len(COLUMNS))
    return f"{HEAD}{numbers}\n\n| {' | '.join(COLUMNS)} |\n|{rule}|\n{rows}\n"


def _row(line: Line) -> str:
    demands = ["second factor at most five minutes old"] if line.step_up else []
    demands += [str(guard) for guard in line.guards]
    demands += ["passes a freeze"] if line.while_frozen else []
    sources = ", ".join(str(source) for source in line.sources)
    cells = (f"{line.event} `{line.name}`", sources, line.target, line.who, line.duty or "–", "; ".join(demands) or "–")
    return f"| {' | '.join(str(cell) for cell in cells)} |"

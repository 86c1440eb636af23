"""The result as it was worked out last, kept beside the code that it is about; a page shows it without searching anew.

``manage.py duties_prove --keep`` writes it. It names the digest of its tables: where those in use are others, nothing is
proved of them, and the page says so.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from pathlib import Path
from typing import Any

from apps.workflow.proof.bank import Delegation
from apps.workflow.proof.lines import Line
from apps.workflow.proof.report import Figure, Proof, Setting

FILE = Path(__file__).with_name("proved.json")


def keep(proof: Proof, on: dt.date, file: Path = FILE) -> None:
    """Write a result with its day."""
    rows = [
        {
            "setting": dataclasses.asdict(each.setting),
            "people": each.people,
            "way": [list(line) for line in each.way],
        }
        for each in proof.figures
    ]
    told = {"tables": proof.tables, "on": on.isoformat(), "figures": rows}
    file.write_text(json.dumps(told, indent=1, default=str) + "\n")


def kept(file: Path = FILE) -> Proof:
    """Read the result that was kept."""
    told = json.loads(file.read_text())
    return Proof(tuple(map(_figure, told["figures"])), told["tables"], dt.date.fromisoformat(told["on"]))


def _figure(row: dict[str, Any]) -> Figure:
    setting = row["setting"]
    return Figure(
        Setting(**{**setting, "delegation": Delegation(setting["delegation"])}), row["people"],
        tuple(Line(*line) for line in row["way"]),
    )  # fmt: skip

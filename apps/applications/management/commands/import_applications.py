"""``manage.py import_applications FILE --mapping NAME --branch CODE``: rows of another system as drafts."""

from __future__ import annotations

import csv
import os
import stat
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self, TextIO

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from apps.accounts.models import Branch
from apps.applications.imports.mapping import Reject, mapping_load
from apps.applications.imports.taking import Source, import_rows, product_for
from apps.core.errors import LoanFlowError
from apps.core.text import sheet_cell


class Command(BaseCommand):
    """Takes in a CSV (gzip read as it is) or XLSX file; run it again to go on or to prove that nothing is taken twice."""

    help = "Import applications as drafts from a CSV, gzip CSV or XLSX file, by a declarative mapping."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """File, mapping, branch and limits."""
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--mapping", required=True, help="name of a built-in mapping (sba7a) or path of a TOML file"
        )
        parser.add_argument("--branch", required=True, help="code of the branch that the cases belong to")
        parser.add_argument(
            "--product", default="", help="code of the product, where several fit the mapping's currency"
        )
        parser.add_argument("--limit", type=int, default=None, help="take at most this many rows")
        parser.add_argument(
            "--rejects", type=Path, default=None, help="where rejected rows are written (FILE.rejects.csv)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import with a progress bar; rejected rows go to a file of their own."""
        try:
            mapping = mapping_load(options["mapping"])
            source = Source(
                options["file"], mapping, self._branch(options["branch"]), product_for(mapping, options["product"])
            )
            path = options["rejects"] or Path(f"{options['file'].name}.rejects.csv")
            with RejectFile(path) as rejected, tqdm(desc="Import", unit=" rows", disable=None) as bar:
                tally = import_rows(source, limit=options["limit"], progress=bar.update, keep=rejected.write)
        except LoanFlowError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{tally.taken} taken, {tally.known} known already, {len({each.line for each in tally.rejects})} rows rejected."
        )
        if tally.rejects:
            self.stdout.write(f"Rejected rows, with line, column, value and reason: {path}")

    @staticmethod
    def _branch(code: str) -> Branch:
        found = Branch.objects.filter(code=code).first()
        if found is None:
            raise CommandError(f"There is no branch {code}. Open it with: manage.py branch_add {code} NAME")
        return found


class RejectFile:
    """CSV of rejected cells, for its owner alone and without formulas; rows are added to what earlier runs left.

    It comes into being with the first reject. Each batch is on the disk before the batch commits.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stream: TextIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        if self._stream is not None:
            self._stream.close()

    def write(self, rejects: Sequence[Reject]) -> None:
        """Add rows and see them onto the disk."""
        if not rejects:
            return
        stream = self._stream = self._stream or self._opened()
        csv.writer(stream).writerows([one.line, one.column, sheet_cell(one.value), one.reason] for one in rejects)
        stream.flush()
        os.fsync(stream.fileno())

    def _opened(self) -> TextIO:
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, stat.S_IRUSR | stat.S_IWUSR)
        is_new = os.fstat(handle).st_size == 0
        stream = os.fdopen(handle, "a", encoding="utf-8-sig" if is_new else "utf-8", newline="")
        if is_new:
            csv.writer(stream).writerow(["line", "column", "value", "reason"])
        return stream

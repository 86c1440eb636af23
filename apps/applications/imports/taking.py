"""Takes rows in as drafts: a batch is one act, a row one savepoint; a row known by its source's id is left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Any

from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.access.services import authorize
from apps.accounts.models import Branch
from apps.applications.imports.mapping import ImportMapping, Reject
from apps.applications.imports.readers import Row, digest_of, rows_of
from apps.applications.models import Application, ImportRun
from apps.audit.services import act, record
from apps.audit.tags import Tag
from apps.borrowers.models import Borrower
from apps.core import clock, money
from apps.core.actor import Actor
from apps.core.errors import BadInput, LoanFlowError
from apps.core.permissions import Permission
from apps.vault.services import owner_create
from apps.workflow.models import LoanCase, Product
from apps.workflow.process import Event
from apps.workflow.services import FacilityAsk, case_open
from apps.workflow.services.cases import missing_now

BATCH = 100
IMPORTER = Actor.system("imports")
BUSINESS = ("industry", "region", "address", "phone", "email", "identifier")


@dataclass(slots=True)
class Tally:
    """What became of the rows of a run; ``keep`` is handed each batch's rejects before the batch commits."""

    taken: int = 0
    known: int = 0
    rejects: list[Reject] = field(default_factory=list)
    keep: Callable[[Sequence[Reject]], Any] = lambda _rejects: None
    lacking: dict[frozenset[str], list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """A file, how it is read, and where its rows go."""

    path: Path
    mapping: ImportMapping
    branch: Branch
    product: Product


def product_for(mapping: ImportMapping, code: str = "") -> Product:
    """The product rows are asked under: the one named, or the only one in the mapping's currency; raises ``BadInput``."""
    fitting = Product.objects.filter(is_active=True, currency=mapping.currency)
    found = list((fitting.filter(code=code) if code else fitting).order_by("id")[:2])
    if len(found) != 1:
        raise BadInput(
            _("Name one product in %(currency)s that is in use (--product).") % {"currency": mapping.currency}
        )
    return found[0]


def import_rows(
    source: Source,
    *,
    actor: Actor = IMPORTER,
    limit: int | None = None,
    progress: Callable[[int], Any] = lambda _count: None,
    keep: Callable[[Sequence[Reject]], Any] = lambda _rejects: None,
) -> Tally:
    """Take in a file's rows, from where an earlier run of the same file stopped; raises ``BadInput`` for a wrong file.

    ``keep`` gets the rejected cells of each batch before it commits: a run that dies has named every reject it went past.
    """
    found = rows_of(source.path, source.mapping.columns)
    first = next(found, None)  # a wrong file is refused before anything is written
    run = import_begin(actor=actor, source=source)
    tally = Tally(keep=keep)
    rows = (row for row in chain([first] if first else [], found) if row[0] > run.last_line)
    for batch in _batches(islice(rows, limit), BATCH):
        batch_take(actor=actor, source=source, run=run, batch=batch, tally=tally)
        progress(len(batch))
    if limit is None:
        import_end(actor=actor, run=run)
    return tally


def _batches(rows: Iterator[Row], size: int) -> Iterator[list[Row]]:
    while batch := list(islice(rows, size)):
        yield batch


@act
def import_begin(*, actor: Actor, source: Source) -> ImportRun:
    """Find the run of this file, or begin one."""
    authorize(actor, Permission.CASE_IMPORT)
    run, created = ImportRun.objects.get_or_create(
        branch=source.branch, source=source.mapping.source, digest=digest_of(source.path)
    )
    if created:
        record(Tag.IMPORT_STARTED, actor=actor, subject=run, note={"source": run.source, "sha256": run.digest})
    elif run.finished_at is not None:
        run.last_line, run.finished_at = 1, None
        run.save(update_fields=["last_line", "finished_at"])
        record(Tag.IMPORT_STARTED, actor=actor, subject=run, note={"source": run.source, "again": True})
    return run


@act
def import_end(*, actor: Actor, run: ImportRun) -> None:
    """Close the run with its counts."""
    run.finished_at = clock.now()
    run.save(update_fields=["finished_at"])
    counts = {"taken": run.taken, "known": run.known, "rejected": run.rejected}
    record(Tag.IMPORT_FINISHED, actor=actor, subject=run, note=counts)


@act
def batch_take(*, actor: Actor, source: Source, run: ImportRun, batch: Sequence[Row], tally: Tally) -> None:
    """Take one batch and remember its last line, in one transaction."""
    read = [(line, *source.mapping.read(line, row)) for line, row in batch]
    known = set(LoanCase.objects.filter(
        source=source.mapping.source, source_id__in=[values["source_id"] for _line, values, _wrong in read]
    ).values_list("source_id", flat=True))  # fmt: skip
    before = (tally.taken, tally.known, len(tally.rejects))
    for line, values, wrong in read:
        _row(actor, source, tally, known, line, values, wrong)
    run.taken += tally.taken - before[0]
    run.known += tally.known - before[1]
    run.rejected += len(tally.rejects) - before[2]
    run.last_line = batch[-1][0]
    run.save()
    tally.keep(tally.rejects[before[2] :])
    record(Tag.IMPORT_PROGRESSED, actor=actor, subject=run, note={"line": run.last_line})


def _row(
    actor: Actor,
    source: Source,
    tally: Tally,
    known: set[str],
    line: int,
    values: dict[str, Any],
    wrong: Sequence[Reject],
) -> None:
    if wrong:
        tally.rejects.extend(wrong)
    elif values["source_id"] in known:
        tally.known += 1
    else:
        try:
            with transaction.atomic():
                row_take(actor, source, values, tally.lacking)
            tally.taken += 1
            known.add(values["source_id"])
        except (LoanFlowError, IntegrityError, DataError, ValueError) as error:
            tally.rejects.append(Reject(line, source.mapping.id_column, values["source_id"], _why(error)))


def _why(error: Exception) -> str:
    return str(error) if isinstance(error, LoanFlowError) else _("The row cannot be stored.")


def row_take(
    actor: Actor, source: Source, values: dict[str, Any], lacking: dict[frozenset[str], list[str]]
) -> LoanCase:
    """One row as a draft with its borrower; what the row lacks stands in the case's list of what is missing.

    Rows that fill the same fields lack the same things, so the guards are asked once for each such set (``lacking``).
    """
    amount: Decimal = money.quantise(values["amount"], source.product.currency)
    ask = FacilityAsk(amount, values.get("term_months") or 0, values.get("purpose") or "")
    case = case_open(
        actor=actor, borrower=_borrower(source, values), product=source.product, branch=source.branch, event=Event.IMPORT,
        facilities=[ask], source=source.mapping.source, source_id=values["source_id"], recorded=False,
    )  # fmt: skip
    Application.objects.create(
        case=case, key_owner=case.borrower.key_owner, purpose=values.get("purpose") or "",
        repayment_source=values.get("repayment_source") or "", narrative="",
    )  # fmt: skip
    filled = frozenset(name for name, value in values.items() if value)
    if filled not in lacking:
        lacking[filled] = missing_now(case, actor)
    case.missing = lacking[filled]
    case.save(update_fields=["missing"])
    record(
        Tag.CASE_IMPORTED,
        actor=actor,
        subject=case,
        case=case,
        stage=case.stage,
        note={"source": source.mapping.source},
    )
    return case


def _borrower(source: Source, values: dict[str, Any]) -> Borrower:
    facts = {name: values.get(name) or "" for name in BUSINESS}
    borrower = Borrower(
        branch=source.branch, key_owner=owner_create(kind="borrower", label=f"{source.mapping.source} {values['source_id']}"[:80]),
        legal_name=(values.get("legal_name") or "")[:200], employees=values.get("employees"), founded_on=values.get("founded_on"), **facts,
    )  # fmt: skip
    borrower.save()
    return borrower

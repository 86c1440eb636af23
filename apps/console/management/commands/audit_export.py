"""``manage.py audit_export``: writes a part of the audit log to a file, as sheets for people or as an evidence bundle."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sys
import zoneinfo
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from apps.access.actors import actor_of
from apps.access.services.authority import can
from apps.accounts.models import Account, AccountKind, Institution
from apps.accounts.selectors import institution
from apps.audit.body import Purpose
from apps.audit.export import FORMATS
from apps.audit.heads import Head
from apps.audit.manifest import Order
from apps.audit.notes import BadNote
from apps.audit.pins import pinned
from apps.audit.recipients import fingerprint, recipient_of
from apps.audit.sampling import Sample, fresh_seed
from apps.audit.scope import NOTHING, WHOLE_LOG, Scope
from apps.audit.selectors import NO_FILTER, EventFilter
from apps.audit.services.drawing import sample_of
from apps.audit.services.exporting import BUNDLE, Export, export_made
from apps.console.audit_forms import about
from apps.console.audit_scope import refuse_elsewhere, scope_of
from apps.core.actor import Actor
from apps.core.errors import LoanFlowError
from apps.core.permissions import Permission

ANSWERS = {"en": "en", "zh-hans": "zh-hans"}


class Command(BaseCommand):
    """Exports on record, like the page does; the file belongs to whoever runs the command, and to nobody else."""

    help = "Export the audit log, or what it says of a case, a borrower or a time, to a ZIP file."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--format", choices=[*FORMATS, BUNDLE], required=True)
        parser.add_argument("--out", type=Path, required=True, metavar="PATH", help="file to write; it must not exist")
        parser.add_argument("--case", default="", metavar="REF", help="only this case, such as LF-2026-004817")
        parser.add_argument(
            "--borrower", default="", metavar="REF", help="only this borrower and their cases, by number"
        )
        parser.add_argument("--from", dest="since", default="", metavar="TIME", help="from this day, or moment, on")
        parser.add_argument(
            "--to", dest="until", default="", metavar="TIME", help="to the end of this day, or up to a moment"
        )
        parser.add_argument("--purpose", default="internal_audit", metavar="CODE", help="what the export is for")
        parser.add_argument("--words", default="", help="the purpose in your words; they go on record")
        parser.add_argument("--requester", default="", metavar="HANDLE", help="for whom the export is made")
        parser.add_argument("--pin", type=Path, metavar="HEADFILE", help="heads that the bundle shall continue")
        parser.add_argument(
            "--sample", type=int, default=0, metavar="COUNT", help="only a random sample of so many events"
        )
        parser.add_argument(
            "--drawn", type=int, default=0, metavar="EVENT", help="the sample of this event, drawn again"
        )
        parser.add_argument("--recipient", default="", metavar="age1…", help="encrypt to this age recipient")
        parser.add_argument("--language", choices=sorted(ANSWERS), default="en", help="language of the summary")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Export, and say what was written."""
        if options["out"].exists():
            raise CommandError(f"{options['out']} cannot be written: it is there already.")
        here = institution()
        zone = here.time_zone if here else "UTC"
        purpose = Purpose(options["purpose"], options["words"])
        asked, scope, sample = _question(options, zone)
        order = Order(
            asked, scope, options["format"], purpose, zone, options["language"], _name(here), sample,
            _recipient(options),
        )  # fmt: skip
        actor = Actor.system("export", channel="command", on_behalf_name=options["requester"])
        with tqdm(unit="event", disable=not sys.stderr.isatty()) as bar:
            try:
                refuse_elsewhere(asked, order.scope)
                made = export_made(order, actor=actor, since=_sizes(options["pin"]), progress=bar.update)
            except LoanFlowError as problem:
                raise CommandError(str(problem)) from problem
        _write(made, options["out"])
        words = f"{made.manifest['rows']} events, numbers {made.manifest['first']} to {made.manifest['last']}"
        self.stdout.write(f"{options['out']}: {words}.")
        if order.recipient:
            self.stdout.write(f"Encrypted to the key {fingerprint(order.recipient)}.")
        if made.manifest.get("not_sealed_yet"):
            self.stdout.write(f"{made.manifest['not_sealed_yet']} newer events are not sealed yet and not in it.")


def _scope(requester: str) -> Scope:
    """The part of the log that whoever it is for may export; all of it for whoever has no account here, such as a supervisor."""
    account = Account.objects.filter(handle=requester, kind=AccountKind.STAFF).first() if requester else None
    if account is None:
        return WHOLE_LOG
    actor = actor_of(account)
    may = account.is_active and can(actor, Permission.AUDIT_EXPORT)
    scope = scope_of(actor, Permission.AUDIT_EXPORT) if may else NOTHING
    if scope == NOTHING:
        raise CommandError(f"{requester} may export nothing of the log now.")
    return scope


def _name(here: Institution | None) -> str:
    return here.name if here else "LoanFlow"


def _question(options: dict[str, Any], zone: str) -> tuple[EventFilter, Scope, Sample | None]:
    """Which events, in which part of the log, and which sample of them: one that the log tells of, or a new one by chance."""
    asked, scope = _asked(options, zone), _scope(options["requester"])
    if options["sample"] < 0:
        raise CommandError("A sample holds at least one event.")
    if not options["drawn"]:
        return asked, scope, Sample(options["sample"], fresh_seed()) if options["sample"] else None
    if options["sample"] or asked != NO_FILTER:
        raise CommandError("A sample that was drawn stays as it was: give neither its size nor what it is drawn from.")
    found = sample_of(options["drawn"], scope=scope)
    if found is None:
        raise CommandError(f"Event {options['drawn']} tells of no sample that may be exported.")
    return found.asked, found.scope, found.drawn.sample


def _recipient(options: dict[str, Any]) -> str:
    try:
        return recipient_of(options["recipient"]) if options["recipient"] else ""
    except LoanFlowError as problem:
        raise CommandError(str(problem)) from problem


def _asked(options: dict[str, Any], zone: str) -> EventFilter:
    if options["case"] and options["borrower"]:
        raise CommandError("Give a case or a borrower, not both.")
    narrowed = {"case": options["case"]} if options["case"] else about(options["borrower"].rpartition(" ")[2])
    since, until = (_moment(options[name], zone, is_end=name == "until") for name in ("since", "until"))
    return EventFilter(**narrowed, since=since, until=until)


def _moment(text: str, zone: str, *, is_end: bool) -> dt.datetime | None:
    """A day at the institution (its end where it ends a stretch of time), or a moment in ISO 8601."""
    if not text:
        return None
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text} is neither a day nor a moment.") from None
    if is_end and len(text) == len("2026-11-27"):
        found += dt.timedelta(days=1)
    return found if found.tzinfo else found.replace(tzinfo=zoneinfo.ZoneInfo(zone))


def _sizes(path: Path | None) -> list[int]:
    try:
        return [Head.parsed(note.text).size for note in pinned(path)] if path else []
    except (OSError, BadNote) as problem:
        raise CommandError(f"The file of heads cannot be read: {problem}.") from problem


def _write(made: Export, path: Path) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as problem:
        raise CommandError(f"{path} cannot be written: {problem.strerror}.") from problem
    with made.file, os.fdopen(handle, "wb") as file:
        shutil.copyfileobj(made.file, file)

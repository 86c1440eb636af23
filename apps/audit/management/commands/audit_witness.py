"""``manage.py audit_witness``: a witness of the log, on a machine of its own, without the log's database."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.audit.notes import BadNote, Key, is_name
from apps.audit.witness.judging import Witness
from apps.audit.witness.serving import Server
from apps.audit.witness.state import State


class Command(BaseCommand):
    """Cosigns heads that continue what it has seen; raises the alarm on a roll-back or a split view."""

    help = "Run a witness of an audit log: needs the log's key (audit_head --key), no database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--state", required=True, type=Path, metavar="FOLDER", help="key, heads and alarms")
        parser.add_argument("--name", default="loanflow-witness", help="name under which it cosigns")
        parser.add_argument("--log", action="append", default=[], metavar="KEY", help="key of a log; may be repeated")
        parser.add_argument("--listen", default="127.0.0.1:8600", metavar="ADDRESS:PORT")
        parser.add_argument("--key", action="store_true", help="print the witness's own key and stop")
        parser.add_argument("--alarms", action="store_true", help="print all alarms and stop; 1 where there are any")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Answer questions about the witness, or serve until interrupted."""
        state = State(options["state"])
        witness = Witness(_name(options["name"]), state, [_key(text) for text in options["log"]])
        if options["alarms"]:
            self.stdout.write(state.alarms() or "No alarms.")
            sys.exit(1 if state.alarms() else 0)
        self.stdout.write(witness.key.text())
        if options["key"]:
            return
        if not options["log"]:
            raise CommandError("Name the log by its key: --log KEY, which manage.py audit_head --key prints.")
        host, _colon, port = options["listen"].rpartition(":")
        with Server((host, int(port)), witness) as server:
            self.stdout.write(f"Listening on {host}:{server.server_address[1]}.")
            self.stdout.flush()
            server.serve_forever()


def _name(text: str) -> str:
    if not is_name(text):
        raise CommandError("A witness's name holds no space and no plus sign.")
    return text


def _key(text: str) -> Key:
    try:
        return Key.parsed(text)
    except BadNote as problem:
        raise CommandError(f"{text}: {problem}.") from None

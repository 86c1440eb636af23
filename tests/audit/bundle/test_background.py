"""A bundle can be written in the background: what is sealed has committed, so this takes a database of its own."""

from __future__ import annotations

from pathlib import Path

from apps.audit.manifest import Order
from apps.audit.selectors import NO_FILTER, WHOLE_LOG
from apps.audit.services.exports import export_run, export_take
from apps.audit.standalone import loanflow_verify
from apps.audit.tasks import export_order
from apps.core.actor import Actor, ActorKind
from tests.audit.bundles import WHY
from tests.audit.factories import branch
from tests.audit.sealing import seal

READER = Actor(kind=ActorKind.PERSON, name="auditor-1", person_id=3, account_id=5)


def test_a_bundle_is_written_kept_taken_and_verified(committed_db: str, tmp_path: Path):
    branch()
    seal()
    row = export_order(actor=READER, order=Order(NO_FILTER, WHOLE_LOG, "bundle", WHY))
    export_run(row.pk)
    row.refresh_from_db()
    assert row.file is not None
    assert row.file.original_name.reveal().endswith("-evidence.zip")
    path = tmp_path / "bundle.zip"
    path.write_bytes(b"".join(export_take(actor=READER, row=row)))
    assert loanflow_verify.verify(path).manifest["requester"] == "auditor-1"

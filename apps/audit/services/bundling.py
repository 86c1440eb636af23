"""Evidence bundles: gathered outside any transaction, sealed, recorded, and only then handed out."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable, Collection
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from apps.audit import dictionary
from apps.audit.archives import SPOOLED
from apps.audit.bundle import proving
from apps.audit.bundle.choosing import Chosen, Stretch, objects_of, stretch_for
from apps.audit.bundle.container import Container
from apps.audit.bundle.proving import Tally
from apps.audit.bundle.summary import summary_pdf
from apps.audit.manifest import Order, manifest_of
from apps.audit.models import AuditHead, AuditSigningKey
from apps.audit.proofs import NotSealed
from apps.audit.sampling import drawn
from apps.audit.seals.due import waiting
from apps.audit.selectors import numbers
from apps.core.actor import Actor
from apps.core.errors import Unavailable


def bundle_made(
    order: Order,
    actor: Actor,
    *,
    since: Collection[int] = (),
    progress: Callable[[int], object] | None = None,
    stretch: Stretch | None = None,
) -> tuple[IO[bytes], dict[str, Any]]:
    """Make a bundle of what is sealed; returns its file, open at its start, and its manifest with ``bundle_sha256``.

    ``since`` are sizes of heads that the auditor holds: the bundle shows that the log continues them. ``stretch`` names the
    events themselves; else the order's question chooses them. Raises ``Unavailable``
    while nothing is sealed, ``KeysUnavailable`` while the key service is away.
    """
    objects = [] if order.sample else objects_of(order.asked)
    try:
        head, proofs = proving.objects_proved(objects)
    except NotSealed:
        raise Unavailable(_("Nothing has been sealed yet: try again in a few seconds.")) from None
    source = stretch or _source(order, head)
    keys = proving.signing_keys(head)
    file = tempfile.SpooledTemporaryFile(max_size=SPOOLED)  # noqa: SIM115 - the caller closes it
    container, tally = Container(file, proving.signer_of(head, keys)), Tally({name: [] for name in objects}, progress)
    container.put("events.jsonl", proving.event_lines(source, tally, head.pk))
    lines = proving.object_lines(proofs, tally, head)
    container.put_json("proofs.json", {"objects": lines, "stretch": proving.stretch_line(source)})
    held: dict[str, Any] = {"objects": [one["object"] for one in lines], "stretch": isinstance(source, Stretch)}
    signers = proving.signer_lines(tally.passkeys, head)
    container.put_json("signers.json", {"signers": signers})
    held["signers"] = [[one["passkey"], one["event"] is not None] for one in signers]
    held |= _heads_put(container, source, head, keys, since)
    if isinstance(source, Chosen) and source.drawn is not None:
        held["sample"] = source.drawn.as_json()
    manifest = {**manifest_of(order, actor, head), **_counts(tally, head), **held}
    container.put_json("dictionary.json", dictionary.of_bundle())
    container.put("summary.pdf", [summary_pdf(order, manifest, source, tally, lines)])
    manifest["files"] = dict(container.digests)
    container.put_json("manifest.json", manifest)
    return file, {**manifest, "bundle_sha256": container.seal()}


def _source(order: Order, head: AuditHead) -> Stretch | Chosen:
    """A stretch where one answers; else single events: all that fit, or a sample of them."""
    chosen = Chosen(order.asked, order.scope, head.pk, upto=order.sample.upto if order.sample else 0)
    if order.sample is None:
        return stretch_for(order.asked, order.scope, head) or chosen
    found = drawn(order.sample, (event.number for event in chosen.events()))
    if order.sample.upto and found != drawn(
        order.sample, numbers(order.asked, scope=order.scope, upto=order.sample.upto)
    ):
        raise Unavailable(_("Some of these events are not sealed yet: try again in a few seconds."))
    return dataclasses.replace(chosen, drawn=found)


def _heads_put(
    container: Container, source: Stretch | Chosen, head: AuditHead, keys: list[AuditSigningKey], since: Collection[int]
) -> dict[str, Any]:
    """Write heads and keys; returns what the manifest says of them: sizes, and which keys an event tells of."""
    sizes = {*since, *((source.start, source.end) if isinstance(source, Stretch) else ())}
    if stamped := proving.time_stamped(head):
        sizes.add(stamped[0].pk)
        container.put("timestamped.txt", [stamped[0].note.encode()])
        container.put("timestamp.tsr", [stamped[1]])
    earlier, told = proving.head_lines(head, keys, sizes), proving.key_lines(keys, head)
    container.put_json("heads.json", {"newest": head.note, "earlier": [line for _size, line in earlier]})
    container.put_json("keys.json", {"keys": told})
    return {"heads": [*(size for size, _line in earlier), head.pk], "keys": [one["event"] is not None for one in told]}


def _counts(tally: Tally, head: AuditHead) -> dict[str, Any]:
    return {"rows": tally.rows, "first": tally.first, "last": tally.last, "not_sealed_yet": waiting(head)[0]}

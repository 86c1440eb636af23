"""The data dictionary that goes with every export: what each column and each name in a body means."""

from __future__ import annotations

from apps.audit.canonical import JSON

BODY: dict[str, str] = {
    "v": "version of the body's form: 1",
    "at": "when it happened: UTC to the microsecond",
    "action": "what happened, as app.what_happened; never renamed",
    "outcome": "done, refused or failed",
    "kind": "act (something was done or refused) or read (something was looked at)",
    "guard": "the rule that refused",
    "actor": "sort of principal: person, system, key",
    "name": "handle of who acted",
    "person": "number of the person who acted",
    "account": "number of the account they used",
    "roles": "roles held at that moment",
    "branches": "numbers of the branches those roles reach; all: everywhere",
    "borrowers": "numbers of the borrowers for whom a portal account speaks",
    "on_behalf_of": "person and handle for whom it was done",
    "session": "record of the session, never its key",
    "factor": "how the person had proved who they are",
    "factor_age_s": "seconds since that proof",
    "address": "network address",
    "device": "what the browser says of itself",
    "channel": "web, api, task or command",
    "request": "number that all events of one request share",
    "case": "reference of the case",
    "stage": "stage in which the case stood",
    "branch": "number of the branch",
    "subject": "what it is about: object (table:key), ref (label), version",
    "touched": "every object touched: object, ref, op (create, update, delete, name), n (the object's own running number),"
    " prev (SHA-256 of the event before on this object), after (digest of the row as it stood), changes (field: before, after),"
    " commitments (field: HMAC of a personal value, which nobody can test a guess on without the owner's key)",
    "purpose": "why: code and text",
    "note": "further facts of the action; signoff holds a signed decision: class (A: with a passkey, B: with a code), decision"
    " (canonical JSON), and for A what the passkey signed: passkey, key (SubjectPublicKeyInfo), algorithm (COSE), client_data,"
    " authenticator_data and signature (base64url)",
    "policy": "version of the credit policy in force",
    "model": "version of the score model in force",
    "build": "version of the program",
    "simulated": "true in histories made for demonstration",
}
COLUMNS: dict[str, str] = {
    "number": "running number of the event; numbers, not clocks, order events",
    "time_utc": "when it happened, in UTC",
    "time_local": "the same moment in the manifest's time zone",
    "action_words": "the action in words",
    "object": "object that the event is about, as table:key",
    "reference": "label of that object",
    "touched": "all objects touched",
    "purpose": "code of the purpose",
    "purpose_text": "the purpose in words",
    "changes": "changes by object and field: before, after",
    "body_sha256": "SHA-256 of the body as it was recorded",
    "code_key": "key under which the body's code was made",
    "code": "HMAC-SHA-256 of the body under a key that is not in the database",
}
FILES: dict[str, str] = {
    "events.jsonl": "one event a line: number, body (the text that is hashed), and for single events index (place in the tree,"
    " from 0) and proof (RFC 6962 audit path, lowest first)",
    "heads.json": "newest signed head, and earlier ones, each with the proof that the newest continues it",
    "keys.json": "keys that signed heads, in the order in which they came, each with the event that tells of it",
    "signers.json": "passkeys that have signed decisions, each with the event by which its owner added it",
    "proofs.json": "stretch: the heads between which the bundle holds every event; objects: how many events each has in all",
    "timestamped.txt": "newest head that an authority has time-stamped, where one is set: one of heads.json, as it was sent",
    "timestamp.tsr": "that authority's answer (RFC 3161), for openssl ts -verify and the authority's own certificates",
    "manifest.json": "what was asked for, by whom, why, and the SHA-256 of every file",
    "dictionary.json": "this list",
    "summary.pdf": "what the bundle holds, for people",
}
OPENINGS: dict[str, str] = {
    "object": "object that the event touched, as table:key",
    "reference": "label of that object",
    "field": "field whose value the event holds a commitment to",
    "state": "opened: the value is the one committed to; changed: it was replaced since, and is nowhere any more; forgotten: its"
    " key was destroyed; gone: the row was deleted; withheld: not to be shown, or not to these readers; unreadable: altered",
    "value": "the value, where it was opened",
}


def of_sheet(headings: tuple[str, ...]) -> dict[str, JSON]:
    """Meaning of each column of a sheet, in their order."""
    return {name: COLUMNS.get(name) or BODY[name] for name in headings}


def of_lines() -> dict[str, JSON]:
    """Meaning of what stands in a line of JSON."""
    outer = {name: COLUMNS[name] for name in ("number", "code_key", "code")}
    return {**outer, "txid": "number of the database transaction that wrote it", "body": {**BODY}}


def of_bundle() -> dict[str, JSON]:
    """Meaning of a bundle's files and of what stands in a body."""
    return {"files": {**FILES}, "body": {**BODY}}


def of_openings(headings: tuple[str, ...]) -> dict[str, JSON]:
    """Meaning of what an export in clear says of each commitment."""
    return {name: OPENINGS.get(name) or COLUMNS[name] for name in headings}

"""Verify an evidence bundle of a LoanFlow audit log, offline: ``python loanflow_verify.py BUNDLE [--pin HEADFILE]``.

Needs Python 3.11 and the package ``cryptography``, nothing else: no database, no network, none of the bank's programs.
HEADFILE holds signed heads kept from earlier; with it the bundle must be of the same log, and no older. Exit 0: what is
said to be proved is proved; 1: refused. Trees and proofs follow RFC 6962, heads c2sp.org/tlog-checkpoint, passkeys WebAuthn.
"""

from __future__ import annotations

import argparse
import base64
import functools
import hashlib
import json
import mmap
import re
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

# fmt: off
SEAL, SIGNOFF = b"loanflow-bundle/v1\n", b"loanflow/signoff/v1\0"
ALGORITHMS = {-7: (ec.ECDSA(SHA256()),), -8: (), -257: (padding.PKCS1v15(), SHA256())}  # ES256, EdDSA, RS256 of COSE
MOST = 1 << 26  # bytes that are read at once
FEW, ON_SIGNATURES = 5, re.compile("Class [AB]|that .* meant this decision|whose the passkey of")
SPELLED = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
HEAD = re.compile(
    r"(?P<origin>[^\n+\s]+)\n(?P<size>0|[1-9][0-9]{0,18})\n(?P<root>[^\n]+)\nmap (?P<map>[^\n]+)\nnumbers (?P<numbers>[^\n]+)\n"
    r"time (?P<time>[^\n]+)\nclock (?P<clock>unknown|[+-][0-9]+\.[0-9]{6})\n")

class Refused(Exception):
    """The bundle is not what it says it is; the words say in what."""

def must(condition: object, words: str) -> None:
    """Raise ``Refused`` with these words unless the condition holds."""
    if not condition:
        raise Refused(words)

def sha256(*parts: bytes) -> bytes:
    """SHA-256 over parts, one after another."""
    return hashlib.sha256(b"".join(parts)).digest()

def unhex(text: str) -> bytes:
    """A hash from its 64 lower-case hexadecimal digits."""
    must(re.fullmatch("[0-9a-f]{64}", text), "a hash is not spelled as one")
    return bytes.fromhex(text)

def unbase64(text: str, *, url: bool = False) -> bytes:
    """Bytes from base64 (``url``: as browsers write it, unpadded), of which only one spelling is taken."""
    pad, signs = "=" * (-len(text) % 4 * url), b"-_" if url else b"+/"
    value = base64.b64decode(text + pad, signs, validate=True)
    must(base64.b64encode(value, signs).decode() == text + pad, "base64 is not spelled in its one way")
    return value

def whole(value: Any) -> int:
    """A whole number that is not negative, and no truth value."""
    must(type(value) is int and 0 <= value < 1 << 63, "a number is not one")
    return int(value)

def grown_roots(start: int, end: int, proof: Sequence[bytes], lower: bytes) -> tuple[bytes, bytes]:
    """Climb a proof (RFC 9162 §2.1.3.2, §2.1.4.2) from place ``start`` of a tree up to ``end``: roots up to there, of all."""
    earlier = later = lower
    for sibling in proof:
        must(end, "a proof is too long")
        if start & 1 or start == end:
            earlier, later = sha256(b"\1", sibling, earlier), sha256(b"\1", sibling, later)
            while not start & 1 and start:
                start, end = start >> 1, end >> 1
        else:
            later = sha256(b"\1", later, sibling)
        start, end = start >> 1, end >> 1
    must(not end, "a proof is too short")
    return earlier, later

def check_growth(first: int, second: int, proof: Sequence[bytes], first_root: bytes, second_root: bytes) -> None:
    """Refuse unless the larger tree begins with the smaller one (RFC 9162 §2.1.4.2)."""
    path, start, end = [first_root, *proof] if first & first - 1 == 0 else list(proof), first - 1, second - 1
    must(0 < first < second and path, "a proof is too short, or of nothing")
    while start & 1:
        start, end = start >> 1, end >> 1
    sound = grown_roots(start, end, path[1:], path[0]) == (first_root, second_root)
    must(sound, f"the log of {second} events does not continue the one of {first}")

def root_of(peaks: list[bytes]) -> bytes:
    """Root of a tree from the roots of its complete subtrees, widest first."""
    return functools.reduce(lambda low, peak: sha256(b"\1", peak, low), peaks[::-1]) if peaks else sha256()

def count_of(name: str, siblings: Sequence[bytes], entry: Any, root: bytes) -> tuple[int, bytes]:
    """An object's number of events and its last leaf under a root of the map; (0, b"") where it has none."""
    found, own, bits = bytes(32), (0, b""), f"{int.from_bytes(sha256(name.encode())):0256b}"
    if entry is not None:
        there, events, last = unhex(entry["key"]), whole(entry["events"]), unhex(entry["last"])
        other = f"{int.from_bytes(there):0256b}"
        must(events and other[:len(siblings)] == bits[:len(siblings)] and len(entry) == 3, "the proof of an object speaks of another place")
        found = sha256(b"\2", there, events.to_bytes(8), last)
        own = (events, last) if other == bits else own
    for bit, sibling in zip(bits[: len(siblings)][::-1], siblings[::-1], strict=True):
        found = sha256(b"\3", sibling, found) if bit == "1" else sha256(b"\3", found, sibling)
    must(found == root, f"the number of events of {name} is not the one that the head has signed")
    return own

Note = tuple[str, list[tuple[str, bytes]]]  # a text; names of keys, each with the hash of the key and the signature
# A public key that signs heads: the log it signs for, the key, and the four bytes by which a signature names it.
Key = NamedTuple("Key", [("name", str), ("public", bytes), ("digest", bytes)])
# What a head says (hashes: root of the tree, root of the map, digest of the numbers), and the note that says it.
Head = NamedTuple("Head", [("origin", str), ("size", int), ("hashes", tuple[bytes, ...]), ("time", str), ("clock", str), ("note", Note)])

def read_key(text: str) -> Key:
    """Read ``name+hash+key``."""
    name, digest, encoded = text.split("+", 2)
    key = Key(name, (data := unbase64(encoded))[1:], sha256(f"{name}\n".encode(), data)[:4])
    must(len(data) == 33 and data[0] == 1 and key.digest.hex() == digest, "a key is not spelled as one")
    return key

def has_signed(key: Key, note: Note) -> bool:
    """Tell whether a key has signed a note."""
    named = [value[4:] for name, value in note[1] if (name, value[:4]) == (key.name, key.digest)]
    try:
        for value in named:
            ed25519.Ed25519PublicKey.from_public_bytes(key.public).verify(value, note[0].encode())
    except InvalidSignature:
        return False
    return bool(named)

def read_note(note: str) -> Note:
    """Read a signed note."""
    text, blank, tail = note.rpartition("\n\n")
    lines = [re.fullmatch("\u2014 ([^ +]+) ([^ ]+)", line) for line in tail.removesuffix("\n").split("\n")]
    must(blank and tail.endswith("\n") and len(lines) <= 100 and all(lines), "this is not a signed note")
    return f"{text}\n", [(found[1], unbase64(found[2])) for found in lines if found]

def read_head(text: str) -> Head:
    """Read a head."""
    note = read_note(text)
    if (found := HEAD.fullmatch(note[0])) is None:
        raise Refused("this is not a head of a log")
    hashes = tuple(unbase64(found[name]) for name in ("root", "map", "numbers"))
    must(all(len(value) == 32 for value in hashes), "a head's hash is not one")
    return Head(found["origin"], int(found["size"]), hashes, found["time"], found["clock"], note)

def check_trust(keys: list[Key], heads: list[Head]) -> set[Key]:
    """Follow the keys from the first, that the log is named after; one that takes over retires the last. Returns the newest."""
    must(keys[0].name == f"loanflow/{sha256(b'loanflow/log-origin/v1', bytes(1), keys[0].public).hex()[:16]}", "the first signing key is not the one that the log is named after")
    current, seen = {keys[0]}, {keys[0]}
    for head in sorted(heads, key=lambda head: head.size):
        signers = {key for key in keys if has_signed(key, head.note) and key.name == keys[0].name == head.origin}
        must(signers & current, f"the head of {head.size} events is not signed by a key of this log that was in use")
        current, seen = signers - seen or signers & current, seen | signers
    must(set(keys) == seen, "a signing key did not take over from the one before")
    return current

def strict(data: bytes) -> Any:
    """Read JSON that is spelled in one way: sorted names, no spaces."""
    value = json.loads(data.decode())
    must(SPELLED.encode(value).encode() == data, "a file is not spelled in its one way")
    return value

class Bundle:
    """A bundle, open: its files, what was found so far, and by object and number the leaf, digest and digest before."""

    newest: Head

    def __init__(self, path: Path) -> None:
        self.path, self.archive = path, zipfile.ZipFile(path)
        self.proved, self.unproved, self.signed = list[str](), list[str](), list[Any]()
        self.touches: dict[str, dict[int, tuple[bytes, str, str]]] = {}
        for one in self.archive.infolist():  # 0: stored, 8: deflated; no other method inflates in pieces
            must(re.fullmatch("[a-z.]+", one.filename) and one.compress_type in {0, 8}, "a file in it is not named or packed as in a bundle")
        self.manifest = self.read("manifest.json")
        must(sorted(self.archive.namelist()) == sorted(["manifest.json", *self.manifest["files"]]), "a file is missing, or one too many is there")
        for name, told in self.manifest["files"].items():
            with self.archive.open(name) as file:
                digest = hashlib.file_digest(file, "sha256")  # type: ignore[arg-type]
            must(digest.hexdigest() == told, f"{name} is not the file that the manifest speaks of")
        self.listed = self.read("keys.json")["keys"]
        self.keys = [read_key(one["key"]) for one in self.listed]
        self.signers = self.read("signers.json")["signers"] if "signers.json" in self.manifest["files"] else []

    def read(self, name: str) -> Any:
        """Read a file of JSON; inflates no more than is taken."""
        with self.archive.open(name) as file:
            data = file.read(MOST + 1)
        must(len(data) <= MOST, f"{name} is too large")
        return strict(data)

    def events(self, *names: str) -> Iterator[tuple[Any, bytes]]:
        """Read the events one by one with their leaves; note what they say of the objects in question, and signatures."""
        with self.archive.open("events.jsonl") as file:
            while line := file.readline(MOST):
                event = strict(line.removesuffix(b"\n"))
                must(line.endswith(b"\n") and event.keys() == {*names}, "an event is not shaped like one")
                told, leaf = json.loads(event["body"]), sha256(b"\0", event["body"].encode())
                self.signed += [told] * ("signoff" in told.get("note", ()))
                for touch in told.get("touched", ()):
                    held = self.touches.get(touch["object"], {})
                    must(touch["n"] not in held, f"two events are number {touch['n']} of {touch['object']}")
                    held[touch["n"]] = (leaf, sha256(event["body"].encode()).hex(), touch.get("prev", ""))
                yield event, leaf

    def check_seal(self, keys: set[Key]) -> None:
        """Refuse a file that has changed in any byte since it was made, or that another than these keys seals."""
        with self.path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            at = data.rfind(SEAL)
            note = read_note(data[at:].decode())
            with memoryview(data) as view, view[:at] as sealed:
                digest = hashlib.sha256(sealed).hexdigest()
        must(note[0] == f"{SEAL.decode()}{self.keys[0].name}\n{digest}\n", "the bundle has changed since it was made")
        must(sum(has_signed(key, note) for key in keys) == len(note[1]) == 1, "the seal is not of the key that is in use")
        who, when, *asked = map(self.manifest.get, ("requester", "made_at", "filter", "scope", "sample"))
        told = [f"{name} {one}" for name, one in zip(("filter", "scope", "sample"), asked, strict=True) if one]
        self.proved.append(f"The file is as made for {who} at {when}; asked for: {'; '.join(told) or 'the whole log'}.")

    def check_heads(self) -> dict[int, Head]:
        """Check keys, the newest head and that it continues every earlier one; returns all by their size."""
        told = self.read("heads.json")
        newest, earlier = read_head(told["newest"]), [(read_head(one["note"]), one["growth"]) for one in told["earlier"]]
        heads = {head.size: head for head in (*(head for head, _growth in earlier), newest)}
        current, self.newest = check_trust(self.keys, list(heads.values())), newest
        must(len(heads) == len(earlier) + 1, "two heads are of the same size")
        for head, growth in earlier:
            check_growth(head.size, newest.size, [unhex(one) for one in growth], head.hashes[0], newest.hashes[0])
        self.check_seal(current)
        must(self.manifest["head"] == told["newest"], "the manifest names another head")
        self.proved.append(f"The log {newest.origin} had {newest.size} events at {newest.time} (clock off by {newest.clock} s), as its key says; it continues {len(earlier)} earlier heads.")
        for number, one in enumerate(self.listed, start=1):
            name = f"signing key {number} of {len(self.keys)}"
            if one["event"] is None:
                self.unproved.append(f"that an event tells of {name}: it is not sealed yet")
            else:
                must((body := self.done(one["event"]))["note"]["key"] == one["key"], f"no event tells of {name}")
                self.proved.append(f"On record since {body['at']}: {name}.")
        return heads

    def done(self, event: Any) -> Any:
        """What an event says that is in the tree and tells of something done."""
        self.check_place(event, sha256(b"\0", event["body"].encode()))
        must((body := json.loads(event["body"]))["outcome"] == "done", "an event tells of something that was not done")
        return body

    def check_place(self, event: Any, leaf: bytes) -> None:
        """Check that an event is in the tree, word for word."""
        must((index := whole(event["index"])) < self.newest.size, "an event is said to stand outside the tree")
        must(grown_roots(index, self.newest.size - 1, [unhex(one) for one in event["proof"]], leaf)[1] == self.newest.hashes[0], "an event is not what was sealed")

    def check_chosen(self) -> list[int]:
        """Check events one by one; returns their numbers."""
        numbers, places = [0], set()
        for event, leaf in self.events("body", "index", "number", "proof"):
            self.check_place(event, leaf)
            numbers.append(whole(event["number"]))
            must(numbers[-1] > numbers[-2] and event["index"] not in places, "events do not stand in order, or twice")
            places.add(event["index"])
        self.proved.append(f"Each of the {len(places)} events is in the log, word for word.")
        self.unproved.append("the running numbers of the events: only a stretch of the log proves those")
        return numbers[1:]

    def check_stretch(self, told: Any, heads: dict[int, Head], pins: list[Head]) -> list[int]:
        """Grow the tree from one head to another by all events between them; returns their numbers."""
        start, end, pinned = whole(told["from"]), heads[whole(told["to"])], {pin.size: pin for pin in pins}
        peaks, size, rows = [unhex(one) for one in told["peaks"]], start, []
        root, numbers = (heads[start].hashes[0], heads[start].hashes[2]) if start else (sha256(), bytes(32))
        must(len(peaks) == start.bit_count() and root_of(peaks) == root, "a stretch does not begin where its head ends")
        for event, leaf in self.events("body", "number"):
            for _level in range((~size & size + 1).bit_length() - 1):  # a subtree is complete for each final 1 of the size
                leaf = sha256(b"\1", peaks.pop(), leaf)
            peaks, size = [*peaks, leaf], size + 1
            rows.append(whole(event["number"]))
            numbers = sha256(numbers, rows[-1].to_bytes(8))
            if size in pinned and (root_of(peaks), numbers) == pinned[size].hashes[::2]:
                heads.setdefault(size, pinned[size])
        must((size, root_of(peaks)) == (end.size, end.hashes[0]), "the events are not those between the two heads")
        must(numbers == end.hashes[2], "the events' numbers are not those that were signed")
        since = heads[start].time if start else "the beginning"
        self.proved.append(f"The {len(rows)} events are all that were sealed from {since} until {end.time}, at the places {start + 1} to {end.size}: word for word, under their numbers, none missing, none added.")
        return rows

    def check_object(self, told: Any) -> bool:
        """Check that a run of an object's events is there, in an unbroken chain; returns whether it is all of them."""
        name, run = told["object"], range(whole(told["first"]), whole(told["last"]) + 1)
        count, leaf = count_of(name, [unhex(one) for one in told["siblings"]], told["entry"], self.newest.hashes[1])
        held, last, run = self.touches[name], run[-1], run if run[-1] else range(0)
        must(len(held) == len(run) and sorted(held) == list(run), f"the events of {name} are not those that the bundle says it holds")
        for number in run[1:]:
            must(held[number][2] == held[number - 1][1], f"number {number} of {name} does not follow the one before")
        sound = last < count or (last == count and (not count or held[last][0] == leaf))
        must(sound, f"the last event of {name} is not the one that was signed")
        self.proved += [f"{name} has {count} events in all; the bundle holds {len(run)}, up to number {last}, no gaps."]
        self.unproved += [f"what the other {count - len(run)} events of {name} say"] * (len(run) < count)
        return len(run) == count

    def check_signed(self) -> None:
        """Check every decision that was signed off: its words, signer and time; of class A what their own passkey signed."""
        added, seen = {one["passkey"]: one["event"] for one in self.signers}, set[bytes]()
        for body in self.signed:
            told, by = body["note"]["signoff"], f"{body['name']} (person {body['person']}) at {body['at']}"
            said, mark = strict(told["decision"].encode()), sha256(SIGNOFF, told["decision"].encode())
            sound = all(said[name] == body[name] for name in ("person", "account", "case")) and mark not in seen and said.get("on_behalf_of") == body.get("on_behalf_of", {}).get("person") and body["outcome"] == "done"
            must(sound and said["issued_at"] <= body["at"] <= said["expires_at"] and told["class"] in {"A", "B"}, f"what {by} signed is another's, of another time, or there twice")
            seen.add(mark)
            words = f"{said['action']} {said['currency']} {said['amount']} in {said['case']}, by {by}, {mark.hex()}"
            if told["class"] == "B":
                self.proved.append(f"Class B (a code), as the log says: {words}.")
                self.unproved.append(f"that {by} meant this decision: a code says that they were there, not what for")
                continue
            check_passkey(told, mark, f"the signature by {by}")
            self.proved.append(f"Class A: signed with a passkey, exactly so, its person verified: {words}.")
            if (event := added.get(told["passkey"])) is None:
                self.unproved.append(f"whose the passkey of {by} is: no sealed event tells who added it")
                continue
            owner, host = self.done(event), unbase64(told["authenticator_data"], url=True)[:32]
            sound = (told["passkey"], 1) in {(touch["object"], touch["n"]) for touch in owner["touched"]} and owner["at"] < body["at"] and (owner["account"], (note := owner["note"])["key"]) == (body["account"], told["key"])
            must(sound and note["signs_from"] <= body["at"] and sha256(note["host"].encode()) == host, f"the passkey of {by} was not added by that account before")

    def check_pins(self, heads: dict[int, Head], pins: list[Head]) -> None:
        """Refuse a bundle of another log than the pinned one, or of an older state of it."""
        name = "that this is the bank's one log, not rolled back: no head kept from earlier was given (--pin)"
        for pin in sorted(pins, key=lambda pin: pin.size):
            name = f"pinned head of {pin.size} events"
            must(pin.origin == self.newest.origin, f"the {name} is of another log: one signed by a key that is not its own")
            must(any(has_signed(key, pin.note) for key in self.keys), f"the {name} is not signed by a key of this log")
            must(pin.size <= self.newest.size, f"the bundle is older than the {name}: that was kept after the export, so export again; else the log was rolled back")
            must(heads.get(pin.size, pin).hashes == pin.hashes, f"the log has another head than the {name}: a second face")
        if pins:
            must(pin.size in heads, f"the log is not shown to continue the {name}: have it exported with --pin")
            self.proved.append(f"The log is the pinned one: it continues the {name} of {pin.time}.")
        self.unproved += [name] * (not pins)
        if "timestamp.tsr" in self.manifest["files"]:  # whose certificates are not for a bundle to bring
            head = read_head(self.archive.open("timestamped.txt").read(MOST).decode())
            must(head == heads.get(head.size), "the time-stamped head is none of this log's")
            self.unproved.append(f"that the head of {head.size} events was there when an authority says so: unzip, then openssl ts -verify -in timestamp.tsr -data timestamped.txt -CAfile AUTHORITY.pem")

def check_passkey(told: Any, mark: bytes, name: str) -> None:
    """Check what a passkey has signed over a fingerprint (WebAuthn §7.2): its key, the page's host, the person verified."""
    client, data, signature = (unbase64(told[one], url=True) for one in ("client_data", "authenticator_data", "signature"))
    page, public = json.loads(client), cast("Any", load_der_public_key(unbase64(told["key"])))
    labels = re.sub("^https?://|:[0-9]+$", "", page["origin"]).split(".")
    sound = page["type"] == "webauthn.get" and unbase64(page["challenge"], url=True) == mark and not page.get("crossOrigin") and data[:32] in [sha256(".".join(labels[at:]).encode()) for at in range(len(labels))]
    must(sound and data[32] & 5 == 5, f"{name} is over something else, elsewhere, or of nobody verified")
    try:
        public.verify(signature, data + sha256(client), *ALGORITHMS[told["algorithm"]])
    except InvalidSignature:
        raise Refused(f"{name} is not by the passkey that it names") from None

def verify(path: Path, pin: Path | None = None) -> Bundle:
    """Verify a bundle; raises ``Refused``, or whatever reading a damaged file raises."""
    blocks = pin.read_text(encoding="utf-8").strip("\n").split("\n\n") if pin else []
    pairs = zip(blocks[::2], blocks[1::2], strict=True)
    pins = [read_head(f"{text.lstrip(chr(10))}\n\n{lines}\n") for text, lines in pairs]
    bundle = Bundle(path)
    with bundle.archive:
        heads, (objects, stretch) = bundle.check_heads(), map(bundle.read("proofs.json").get, ("objects", "stretch"))
        bundle.touches = {one["object"]: {} for one in objects}
        held: dict[str, Any] = {"heads": sorted(heads), "stretch": stretch is not None, "objects": [one["object"] for one in objects], "keys": [bool(one["event"]) for one in bundle.listed]}
        held |= {"signers": [[one["passkey"], bool(one["event"])] for one in bundle.signers]} if bundle.signers else {}
        rows = bundle.check_stretch(stretch, heads, pins) if held["stretch"] else bundle.check_chosen()
        must((held | {"rows": len(rows), "first": min(rows, default=0), "last": max(rows, default=0)}).items() <= bundle.manifest.items(), "the bundle holds something else than its manifest says")
        full = [bundle.check_object(one) for one in objects] == [True]
        bundle.check_signed()
        bundle.check_pins(heads, pins)
    asked, bounds = bundle.manifest["filter"], (bundle.manifest["scope"], bundle.manifest.get("sample"))
    full = held["stretch"] or (full and held["objects"] == [asked.get("object")] and not any((*bounds, asked.get("cases"))))
    bundle.unproved += [] if full else ["that no further events fit what was asked for"]
    bundle.unproved.append(f"that what the events say is true, and what happened after {bundle.newest.time}")
    return bundle

def say(*lines: str) -> None:
    """Print lines, without whatever in them would move a terminal or begin a line of its own."""
    sys.stdout.writelines("".join(sign if sign.isprintable() else "?" for sign in line) + "\n" for line in lines)

def brief(lines: list[str], whole: bool) -> list[str]:
    """Lines to print; of those on single signatures only the first few and how many more there are, unless all are asked for."""
    left = set() if whole else {*[line for line in lines if ON_SIGNATURES.match(line)][FEW:]}
    told = [f"{len(left)} more lines like these on signatures: --all prints them"] * bool(left)
    return [f"  - {line}" for line in [*(line for line in lines if line not in left), *told]]

def main(arguments: list[str]) -> int:
    """Verify and say in words what was found; the exit code."""
    parser = argparse.ArgumentParser(prog="loanflow_verify.py", description="Verify an evidence bundle offline.")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--all", action="store_true", help="print what is found of each single signature")
    parser.add_argument("--pin", type=Path, metavar="HEADFILE", help="signed heads kept from earlier")
    options = parser.parse_args(arguments)
    try:
        bundle = verify(options.bundle, options.pin)
    except Exception as problem:  # noqa: BLE001 - whatever a damaged file makes go wrong, it is refused
        say(f"REFUSED: {problem if isinstance(problem, Refused | OSError) else f'it cannot be read ({problem!r})'}.")
        return 1
    say("PROVED:", *brief(bundle.proved, options.all), "NOT PROVED:", *brief(bundle.unproved, options.all), f"VERIFIED: {options.bundle} is what it says it is: {len(bundle.proved)} things are proved, {len(bundle.unproved)} are not.")
    return 0

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Verify an evidence bundle of a LoanFlow audit log, offline: ``python loanflow_verify.py BUNDLE [--pin HEADFILE]``.

Needs Python 3.11 and the package ``cryptography``, nothing else: no database, no network, none of the bank's programs.
HEADFILE holds signed heads kept from earlier; with it the bundle must be of the same log, and no older. Exit 0: what is
said to be proved is proved; 1: refused. Trees and proofs follow RFC 6962, heads c2sp.org/tlog-checkpoint.
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
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SEAL = b"loanflow-bundle/v1\n"
MOST = 1 << 26  # bytes that are read at once
SPELLED = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
HEAD = re.compile(
    r"(?P<origin>[^\n+\s]+)\n(?P<size>0|[1-9][0-9]{0,18})\n(?P<root>[^\n]+)\nmap (?P<map>[^\n]+)\n"
    r"numbers (?P<numbers>[^\n]+)\ntime (?P<time>[^\n]+)\nclock (?P<clock>unknown|[+-][0-9]+\.[0-9]{6})\n"
)


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


def unbase64(text: str) -> bytes:
    """Bytes from base64, of which only one spelling is taken."""
    value = base64.b64decode(text, validate=True)
    must(base64.b64encode(value).decode() == text, "base64 is not spelled in its one way")
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
        sound = events and other[: len(siblings)] == bits[: len(siblings)] and len(entry) == 3
        must(sound, "the proof of an object speaks of another place")
        found = sha256(b"\2", there, events.to_bytes(8), last)
        own = (events, last) if other == bits else own
    for bit, sibling in zip(bits[: len(siblings)][::-1], siblings[::-1], strict=True):
        found = sha256(b"\3", sibling, found) if bit == "1" else sha256(b"\3", found, sibling)
    must(found == root, f"the number of events of {name} is not the one that the head has signed")
    return own


class Key(NamedTuple):
    """A public key that signs heads: the log it signs for, the key, and the four bytes by which a signature names it."""

    name: str
    public: bytes
    digest: bytes

    @classmethod
    def read(cls, text: str) -> Key:
        """Read ``name+hash+key``."""
        name, digest, encoded = text.split("+", 2)
        data = unbase64(encoded)
        key = cls(name, data[1:], sha256(f"{name}\n".encode(), data)[:4])
        must(len(data) == 33 and data[0] == 1 and key.digest.hex() == digest, "a key is not spelled as one")
        return key

    def has_signed(self, note: Note) -> bool:
        """Tell whether this key has signed a note."""
        named = [value[4:] for name, value in note[1] if (name, value[:4]) == (self.name, self.digest)]
        try:
            for value in named:
                Ed25519PublicKey.from_public_bytes(self.public).verify(value, note[0].encode())
        except InvalidSignature:
            return False
        return bool(named)


Note = tuple[str, list[tuple[str, bytes]]]  # a text; names of keys, each with the hash of the key and the signature


def read_note(note: str) -> Note:
    """Read a signed note."""
    text, blank, tail = note.rpartition("\n\n")
    lines = [re.fullmatch("\u2014 ([^ +]+) ([^ ]+)", line) for line in tail.removesuffix("\n").split("\n")]
    must(blank and tail.endswith("\n") and len(lines) <= 100 and all(lines), "this is not a signed note")
    return f"{text}\n", [(found[1], unbase64(found[2])) for found in lines if found]


class Head(NamedTuple):
    """What a head says (``hashes``: root of the tree, root of the map, digest of the numbers), and the note that says it."""

    origin: str
    size: int
    hashes: tuple[bytes, ...]
    time: str
    clock: str
    note: Note

    @classmethod
    def read(cls, text: str) -> Head:
        """Read a head."""
        note = read_note(text)
        if (found := HEAD.fullmatch(note[0])) is None:
            raise Refused("this is not a head of a log")
        hashes = tuple(unbase64(found[name]) for name in ("root", "map", "numbers"))
        must(all(len(value) == 32 for value in hashes), "a head's hash is not one")
        return cls(found["origin"], int(found["size"]), hashes, found["time"], found["clock"], note)


def check_trust(keys: list[Key], heads: list[Head]) -> set[Key]:
    """Follow the keys from the first, that the log is named after; one that takes over retires the last. Returns the newest."""
    digest = hashlib.sha256(b"loanflow/log-origin/v1\0" + keys[0].public).hexdigest()[:16]
    must(keys[0].name == f"loanflow/{digest}", "the first signing key is not the one that the log is named after")
    current, seen = {keys[0]}, {keys[0]}
    for head in sorted(heads, key=lambda head: head.size):
        signers = {key for key in keys if key.has_signed(head.note) and key.name == keys[0].name == head.origin}
        must(signers & current, f"the head of {head.size} events is not signed by a key of this log that was in use")
        current, seen = signers - seen or signers & current, seen | signers
    must(set(keys) == seen, "a signing key did not take over from the one before")
    return current


class Bundle:
    """A bundle, open: its files, what was found so far, and by object and number the leaf, digest and digest before."""

    def __init__(self, path: Path) -> None:
        self.path, self.archive = path, zipfile.ZipFile(path)
        self.proved, self.unproved = list[str](), list[str]()
        self.touches: dict[str, dict[int, tuple[bytes, str, str]]] = {}
        for one in self.archive.infolist():  # 0: stored, 8: deflated; no other method inflates in pieces
            sound = re.fullmatch("[a-z.]+", one.filename) and one.compress_type in {0, 8}
            must(sound, "a file in it is not named or packed as in a bundle")
        self.manifest = self.read("manifest.json")
        sound = sorted(self.archive.namelist()) == sorted(["manifest.json", *self.manifest["files"]])
        must(sound, "a file is missing, or one too many is there")
        for name, told in self.manifest["files"].items():
            with self.archive.open(name) as file:
                digest = hashlib.file_digest(file, "sha256")  # type: ignore[arg-type]
            must(digest.hexdigest() == told, f"{name} is not the file that the manifest speaks of")
        self.listed = self.read("keys.json")["keys"]
        self.keys = [Key.read(one["key"]) for one in self.listed]

    def read(self, name: str) -> Any:
        """Read a file of JSON; inflates no more than is taken."""
        with self.archive.open(name) as file:
            data = file.read(MOST + 1)
        must(len(data) <= MOST, f"{name} is too large")
        return strict(data)

    def events(self, *names: str) -> Iterator[tuple[Any, bytes]]:
        """Read the events one by one with their leaves, and note what they say of the objects in question."""
        with self.archive.open("events.jsonl") as file:
            while line := file.readline(MOST):
                event = strict(line.removesuffix(b"\n"))
                must(line.endswith(b"\n") and event.keys() == {*names}, "an event is not shaped like one")
                body, leaf = event["body"], sha256(b"\0", event["body"].encode())
                for touch in json.loads(body).get("touched", ()):
                    held = self.touches.get(touch["object"], {})
                    must(touch["n"] not in held, f"two events are number {touch['n']} of {touch['object']}")
                    held[touch["n"]] = (leaf, sha256(body.encode()).hex(), touch.get("prev", ""))
                yield event, leaf


def strict(data: bytes) -> Any:
    """Read JSON that is spelled in one way: sorted names, no spaces."""
    value = json.loads(data.decode())
    must(SPELLED.encode(value).encode() == data, "a file is not spelled in its one way")
    return value


def check_seal(bundle: Bundle, keys: set[Key]) -> None:
    """Refuse a file that has changed in any byte since it was made, or that another than these keys seals."""
    with bundle.path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        at = data.rfind(SEAL)
        note = read_note(data[at:].decode())
        with memoryview(data) as view, view[:at] as sealed:
            digest = hashlib.sha256(sealed).hexdigest()
    must(note[0] == f"{SEAL.decode()}{bundle.keys[0].name}\n{digest}\n", "the bundle has changed since it was made")
    must(sum(key.has_signed(note) for key in keys) == len(note[1]) == 1, "the seal is not of the key that is in use")
    who, when, *asked = (bundle.manifest.get(name) for name in ("requester", "made_at", "filter", "scope", "sample"))
    told = [f"{name} {one}" for name, one in zip(("filter", "scope", "sample"), asked, strict=True) if one]
    bundle.proved.append(f"The file is as made for {who} at {when}; asked for: {'; '.join(told) or 'the whole log'}.")


def check_heads(bundle: Bundle) -> tuple[Head, dict[int, Head]]:
    """Check keys, the newest head and that it continues every earlier one; returns it, and all by their size."""
    told = bundle.read("heads.json")
    newest, earlier = Head.read(told["newest"]), [(Head.read(one["note"]), one["growth"]) for one in told["earlier"]]
    heads = {head.size: head for head in (*(head for head, _growth in earlier), newest)}
    current = check_trust(bundle.keys, list(heads.values()))
    must(len(heads) == len(earlier) + 1, "two heads are of the same size")
    for head, growth in earlier:
        check_growth(head.size, newest.size, [unhex(one) for one in growth], head.hashes[0], newest.hashes[0])
    check_seal(bundle, current)
    must(bundle.manifest["head"] == told["newest"], "the manifest names another head")
    words = f"The log {newest.origin} had {newest.size} events at {newest.time} (clock off by {newest.clock} s), as"
    bundle.proved.append(f"{words} its key says; it continues {len(earlier)} earlier heads.")
    for number, one in enumerate(bundle.listed, start=1):
        name, event = f"signing key {number} of {len(bundle.keys)}", one["event"]
        if event is None:
            bundle.unproved.append(f"that an event tells of {name}: it is not sealed yet")
            continue
        check_place(event, sha256(b"\0", event["body"].encode()), newest)
        body = json.loads(event["body"])
        must(body["note"]["key"] == one["key"] and body["outcome"] == "done", f"no event tells of {name}")
        bundle.proved.append(f"On record since {body['at']}: {name}.")
    return newest, heads


def check_place(event: Any, leaf: bytes, newest: Head) -> None:
    """Check that an event is in the tree, word for word."""
    index, proof = whole(event["index"]), [unhex(one) for one in event["proof"]]
    must(index < newest.size, "an event is said to stand outside the tree")
    must(grown_roots(index, newest.size - 1, proof, leaf)[1] == newest.hashes[0], "an event is not what was sealed")


def check_chosen(bundle: Bundle, newest: Head) -> list[int]:
    """Check events one by one; returns their numbers."""
    numbers, places = [0], set()
    for event, leaf in bundle.events("body", "index", "number", "proof"):
        check_place(event, leaf, newest)
        numbers.append(whole(event["number"]))
        must(numbers[-1] > numbers[-2] and event["index"] not in places, "events do not stand in order, or twice")
        places.add(event["index"])
    bundle.proved.append(f"Each of the {len(places)} events is in the log, word for word.")
    bundle.unproved.append("the running numbers of the events: only a stretch of the log proves those")
    return numbers[1:]


def check_stretch(bundle: Bundle, told: Any, heads: dict[int, Head], pins: list[Head]) -> list[int]:
    """Grow the tree from one head to another by all events between them; returns their numbers."""
    start, end, pinned = whole(told["from"]), heads[whole(told["to"])], {pin.size: pin for pin in pins}
    peaks, size, rows = [unhex(one) for one in told["peaks"]], start, []
    root, numbers = (heads[start].hashes[0], heads[start].hashes[2]) if start else (sha256(), bytes(32))
    must(len(peaks) == start.bit_count() and root_of(peaks) == root, "a stretch does not begin where its head ends")
    for event, leaf in bundle.events("body", "number"):
        for _level in range(
            (~size & size + 1).bit_length() - 1
        ):  # one subtree is complete for each final 1 of the size
            leaf = sha256(b"\1", peaks.pop(), leaf)
        peaks, size = [*peaks, leaf], size + 1
        rows.append(whole(event["number"]))
        numbers = sha256(numbers, rows[-1].to_bytes(8))
        if size in pinned and (root_of(peaks), numbers) == pinned[size].hashes[::2]:
            heads.setdefault(size, pinned[size])
    must((size, root_of(peaks)) == (end.size, end.hashes[0]), "the events are not those between the two heads")
    must(numbers == end.hashes[2], "the events' numbers are not those that were signed")
    since = heads[start].time if start else "the beginning"
    words = f"The {len(rows)} events are all that were sealed from {since} until {end.time}, at the places {start + 1}"
    bundle.proved.append(f"{words} to {end.size}: word for word, under their numbers, none missing, none added.")
    return rows


def check_object(bundle: Bundle, told: Any, newest: Head) -> bool:
    """Check that a run of an object's events is there, in an unbroken chain; returns whether it is all of them."""
    name, run = told["object"], range(whole(told["first"]), whole(told["last"]) + 1)
    held = bundle.touches[name]
    count, leaf = count_of(name, [unhex(one) for one in told["siblings"]], told["entry"], newest.hashes[1])
    last, run = run[-1], run if run[-1] else range(0)
    sound = len(held) == len(run) and sorted(held) == list(run)
    must(sound, f"the events of {name} are not those that the bundle says it holds")
    for number in run[1:]:
        must(held[number][2] == held[number - 1][1], f"number {number} of {name} does not follow the one before")
    sound = last < count or (last == count and (not count or held[last][0] == leaf))
    must(sound, f"the last event of {name} is not the one that was signed")
    bundle.proved += [f"{name} has {count} events in all; the bundle holds {len(run)}, up to number {last}, no gaps."]
    bundle.unproved += [f"what the other {count - len(run)} events of {name} say"] * (len(run) < count)
    return len(run) == count


def check_pins(bundle: Bundle, newest: Head, heads: dict[int, Head], pins: list[Head]) -> None:
    """Refuse a bundle of another log than the pinned one, or of an older state of it."""
    name = "that this is the bank's one log, not rolled back: no head kept from earlier was given (--pin)"
    for pin in sorted(pins, key=lambda pin: pin.size):
        name = f"pinned head of {pin.size} events"
        must(pin.origin == newest.origin, f"the {name} is of another log: one signed by a key that is not its own")
        must(any(key.has_signed(pin.note) for key in bundle.keys), f"the {name} is not signed by a key of this log")
        must(pin.size <= newest.size, f"the bundle is older than the {name}: the log was rolled back")
        must(heads.get(pin.size, pin).hashes == pin.hashes, f"the log has another head than the {name}: a second face")
    if pins:
        must(pin.size in heads, f"the log is not shown to continue the {name}: have it exported with --pin")
        bundle.proved.append(f"The log is the pinned one: it continues the {name} of {pin.time}.")
    else:
        bundle.unproved.append(name)


def verify(path: Path, pin: Path | None = None) -> Bundle:
    """Verify a bundle; raises ``Refused``, or whatever reading a damaged file raises."""
    blocks = pin.read_text(encoding="utf-8").strip("\n").split("\n\n") if pin else []
    pairs = zip(blocks[::2], blocks[1::2], strict=True)
    pins = [Head.read(f"{text.lstrip(chr(10))}\n\n{lines}\n") for text, lines in pairs]
    bundle = Bundle(path)
    with bundle.archive:
        newest, heads = check_heads(bundle)
        proofs, listed = bundle.read("proofs.json"), [bool(one["event"]) for one in bundle.listed]
        objects, stretch = proofs["objects"], proofs["stretch"]
        bundle.touches = {one["object"]: {} for one in objects}
        held = {"heads": sorted(heads), "keys": listed, "stretch": stretch is not None}
        held["objects"] = [one["object"] for one in objects]
        rows = check_stretch(bundle, stretch, heads, pins) if held["stretch"] else check_chosen(bundle, newest)
        held |= {"rows": len(rows), "first": min(rows, default=0), "last": max(rows, default=0)}
        must(held.items() <= bundle.manifest.items(), "the bundle holds something else than its manifest says")
        full = [check_object(bundle, one, newest) for one in objects] == [True]
        check_pins(bundle, newest, heads, pins)
    asked, bounds = bundle.manifest["filter"], (bundle.manifest["scope"], bundle.manifest.get("sample"))
    full = full and held["objects"] == [asked.get("object")] and not any((*bounds, asked.get("cases")))
    bundle.unproved += [] if held["stretch"] or full else ["that no further events fit what was asked for"]
    bundle.unproved.append(f"that what the events say is true, and what happened after {newest.time}")
    return bundle


def say(*lines: str) -> None:
    """Print lines, without whatever in them would move a terminal or begin a line of its own."""
    sys.stdout.writelines("".join(sign if sign.isprintable() else "?" for sign in line) + "\n" for line in lines)


def main(arguments: list[str]) -> int:
    """Verify and say in words what was found; the exit code."""
    parser = argparse.ArgumentParser(prog="loanflow_verify.py", description="Verify an evidence bundle offline.")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--pin", type=Path, metavar="HEADFILE", help="signed heads kept from earlier")
    options = parser.parse_args(arguments)
    try:
        bundle = verify(options.bundle, options.pin)
    except Exception as problem:  # noqa: BLE001 - whatever a damaged file makes go wrong, it is refused
        say(f"REFUSED: {problem if isinstance(problem, Refused) else f'it cannot be read ({problem!r})'}.")
        return 1
    say("PROVED:", *[f"  - {one}" for one in bundle.proved], "NOT PROVED:", *[f"  - {one}" for one in bundle.unproved])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

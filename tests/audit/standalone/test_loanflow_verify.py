"""The verifier that auditors take away: runs bare, accepts what is honest, refuses whatever else, and says so in words."""

from __future__ import annotations

import dataclasses
import io
import json
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random  # noqa: TID251 - a run that can be run again
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from apps.audit import notes
from apps.audit.heads import Head
from apps.audit.models import AuditSigningKey
from apps.audit.selectors import EventFilter
from apps.audit.signing import private_key
from apps.audit.standalone import loanflow_verify
from tests import databases
from tests.audit.bundles import bundle_bytes, files_of, log_made, sealed_again, stored
from tests.audit.factories import branch
from tests.audit.sealing import newest_head, seal

PROGRAM = Path(loanflow_verify.__file__)
Made = tuple[str, str]


@pytest.fixture(scope="module")
def made(shared_db: str) -> Made:
    """A log: an object with four events, and its first head."""
    return log_made()


@pytest.fixture(scope="module")
def whole(made: Made) -> bytes:
    """A bundle of the whole log."""
    return bundle_bytes()


@pytest.fixture(scope="module")
def single(made: Made) -> bytes:
    """A bundle of one object."""
    return bundle_bytes(EventFilter(object=made[0]))


def bare(*arguments: Any) -> tuple[int, str]:
    """Run the verifier as its own process: isolated, elsewhere, with ``cryptography`` and what it needs alone in reach."""
    place = Path(arguments[0]).parent
    packages = place / "packages"
    packages.mkdir(exist_ok=True)
    site = Path(sysconfig.get_path("purelib"))
    for each in [*site.glob("cryptography*"), *site.glob("cffi*"), *site.glob("_cffi*"), *site.glob("pycparser*")]:
        link = packages / each.name
        if not link.exists():
            link.symlink_to(each)
    words = "import sys, runpy; sys.path.append(sys.argv.pop(1)); sys.argv.pop(0); runpy.run_path(sys.argv[0], run_name='__main__')"
    command = [
        sys.base_prefix + "/bin/python3",
        "-I",
        "-S",
        "-c",
        words,
        str(packages),
        str(PROGRAM),
        *map(str, arguments),
    ]
    ran = subprocess.run(command, check=False, cwd=place, env={}, capture_output=True, text=True)
    assert ran.stderr == ""
    return ran.returncode, ran.stdout


def told(path: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    """Run the verifier in this process."""
    code = loanflow_verify.main([str(path), *options])
    return code, capsys.readouterr().out


def test_it_is_one_file_that_needs_nothing_of_ours():
    source = PROGRAM.read_text()
    assert len(source.splitlines()) < 400
    assert "assert " not in source
    assert "apps." not in source
    assert "django" not in source


def test_an_honest_bundle_is_accepted_in_a_bare_environment(made: Made, whole: bytes, single: bytes, tmp_path: Path):
    (tmp_path / "pin").write_text(made[1])
    for name, bundle in {"whole.zip": whole, "single.zip": single}.items():
        path = stored(tmp_path, bundle, name)
        code, words = bare(path)
        assert code == 0, words
        assert "no head kept from earlier was given" in words
    code, words = bare(stored(tmp_path, whole), "--pin", tmp_path / "pin")
    assert code == 0, words
    assert "The log is the pinned one" in words
    assert "all that were sealed from the beginning until" in words


def test_what_is_proved_and_what_is_not_stands_in_words(
    made: Made, single: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    code, words = told(stored(tmp_path, single), capsys)
    proved, unproved = words.split("NOT PROVED:")
    assert code == 0
    assert "Each of the 4 events is in the log, word for word." in proved
    assert f"{made[0]} has 4 events in all; the bundle holds 4, up to number 4, no gaps." in proved
    assert "signing key 2 of 2" in proved
    assert "the running numbers of the events" in unproved
    assert "what happened after" in unproved
    verdict = words.splitlines()[-1]
    assert verdict.startswith("VERIFIED: ")
    assert f"{proved.count('  - ')} things are proved, {unproved.count('  - ')} are not" in verdict


def test_a_file_of_heads_that_is_not_there_is_named(single: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    code, words = told(stored(tmp_path, single), capsys, "--pin", str(tmp_path / "nowhere"))
    assert code == 1
    assert f"No such file or directory: '{tmp_path / 'nowhere'}'" in words


@pytest.mark.parametrize(
    ("signatures", "whole", "shown", "more"), [(5, False, 5, 0), (9, False, 5, 4), (9, True, 9, 0)]
)
def test_of_many_signatures_a_few_are_told_one_by_one_unless_all_are_asked_for(
    signatures: int, whole: bool, shown: int, more: int
):
    lines = [
        "The file is as made.",
        *(f"Class B (a code), as the log says: {each}." for each in range(signatures)),
        "End.",
    ]
    printed = loanflow_verify.brief(lines, whole)
    assert sum(line.startswith("  - Class B") for line in printed) == shown
    assert [line for line in printed if "more lines" in line] == [
        f"  - {more} more lines like these on signatures: --all prints them"
    ] * bool(more)
    assert {"  - The file is as made.", "  - End."} <= set(printed)


def some_event(files: dict[str, bytes], change: Callable[[list[Any]], None]) -> None:
    """Change the list of events."""
    events = [json.loads(line) for line in files["events.jsonl"].splitlines()]
    change(events)
    files["events.jsonl"] = b"".join(f"{spelled(event)}\n".encode() for event in events)


def spelled(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def drop(at: int) -> Callable[[dict[str, bytes]], None]:
    """Drop an event, counts and all."""

    def dropped(files: dict[str, bytes]) -> None:
        some_event(files, lambda events: events.pop(at))
        numbers = [json.loads(line)["number"] for line in files["events.jsonl"].splitlines()]
        counted(files, rows=len(numbers), first=min(numbers), last=max(numbers))

    return dropped


def counted(files: dict[str, bytes], **counts: int) -> None:
    """Make the manifest agree."""
    files["manifest.json"] = spelled({**json.loads(files["manifest.json"]), **counts}).encode()


def reworded(files: dict[str, bytes]) -> None:
    """Change a body, keeping its length."""
    some_event(files, lambda events: events[1].update(body=events[1]["body"].replace("tests", "Tests")))


def renumbered(files: dict[str, bytes]) -> None:
    """Say other numbers than were signed."""

    def move(events: list[Any]) -> None:
        events[-1]["number"] += 1

    some_event(files, move)
    counted(files, last=json.loads(files["events.jsonl"].splitlines()[-1])["number"])


def swapped(files: dict[str, bytes]) -> None:
    """Let two events change places."""

    def swap(events: list[Any]) -> None:
        events[0]["body"], events[1]["body"] = events[1]["body"], events[0]["body"]

    some_event(files, swap)


def object_count(change: int) -> Callable[[dict[str, bytes]], None]:
    """Say that an object has another number of events."""

    def changed(files: dict[str, bytes]) -> None:
        proofs = json.loads(files["proofs.json"])
        proofs["objects"][0]["entry"]["events"] += change
        files["proofs.json"] = spelled(proofs).encode()

    return changed


def shorter_run(files: dict[str, bytes]) -> None:
    """Drop an object's last event and say that one holds but those before it: true, and said to be a part."""
    drop(-1)(files)
    proofs = json.loads(files["proofs.json"])
    proofs["objects"][0]["last"] -= 1
    files["proofs.json"] = spelled(proofs).encode()


FORGERIES: dict[str, tuple[str, Callable[[dict[str, bytes]], None], str]] = {
    "the first event dropped": ("whole", drop(0), "not those between the two heads"),
    "a middle event dropped": ("whole", drop(3), "not those between the two heads"),
    "the last event dropped": ("whole", drop(-1), "not those between the two heads"),
    "a changed body": ("whole", reworded, "not those between the two heads"),
    "two events in each other's place": ("whole", swapped, "not those between the two heads"),
    "another number": ("whole", renumbered, "numbers are not those that were signed"),
    "an object's event dropped": ("single", drop(1), "are not those that the bundle says it holds"),
    "an object's last event dropped": ("single", drop(-1), "are not those that the bundle says it holds"),
    "an object's changed body": ("single", reworded, "is not what was sealed"),
    "an event more than there are": ("single", object_count(1), "is not the one that the head has signed"),
    "an event less than there are": ("single", object_count(-1), "is not the one that the head has signed"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_forgeries_are_refused_though_the_bank_itself_sealed_them(
    name: str, request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    kind, forge, reason = FORGERIES[name]
    files = files_of(request.getfixturevalue(kind))
    forge(files)
    code, words = told(stored(tmp_path, sealed_again(files)), capsys)
    assert code == 1
    assert words.startswith("REFUSED: ")
    assert reason in words


def test_a_part_of_an_object_is_accepted_as_a_part(single: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    files = files_of(single)
    shorter_run(files)
    code, words = told(stored(tmp_path, sealed_again(files)), capsys)
    assert code == 0
    assert "has 4 events in all; the bundle holds 3, up to number 3, no gaps." in words
    assert "what the other 1 events of" in words
    assert CAVEAT in words


def test_a_key_that_is_not_ours_is_refused_against_a_pin(made: Made, whole: bytes, tmp_path: Path, capsys: Any):
    """An intruder makes a whole log of their own, sound in itself; only a head kept from earlier tells it from ours."""
    pin = tmp_path / "pin"
    pin.write_text(made[1])
    with databases.copied("intruder"):
        log_made()
        theirs = stored(tmp_path, bundle_bytes())
        assert told(theirs, capsys)[0] == 0
        code, words = told(theirs, capsys, "--pin", str(pin))
        assert code == 1
        assert "signed by a key that is not its own" in words
        key = AuditSigningKey.objects.order_by("pk")[0]
        code, words = told(stored(tmp_path, sealed_again(files_of(whole), key)), capsys)
    assert code == 1
    assert "the seal is not of the key that is in use" in words or "changed since" in words


def test_a_key_that_did_not_take_over_is_refused(whole: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Somebody puts a key of their own beside ours and signs with it."""
    files = files_of(whole)
    private = Ed25519PrivateKey.generate()
    keys = json.loads(files["keys.json"])
    name = keys["keys"][0]["key"].partition("+")[0]
    keys["keys"].append({"key": notes.Key(name, notes.public_of(private)).text(), "event": None})
    files["keys.json"] = spelled(keys).encode()
    code, words = told(stored(tmp_path, sealed_again(files)), capsys)
    assert code == 1
    assert "did not take over from the one before" in words


def test_a_retired_key_no_longer_seals_bundles(whole: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    old = AuditSigningKey.objects.order_by("pk")[0]
    code, words = told(stored(tmp_path, sealed_again(files_of(whole), old)), capsys)
    assert (code, "the seal is not of the key that is in use" in words) == (1, True)


def test_a_retired_key_no_longer_signs_heads(whole: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Whoever has stolen it signs the newest head, after the head by which the next key took over, and the bundle."""
    old, files = AuditSigningKey.objects.order_by("pk")[0], files_of(whole)
    heads, manifest = json.loads(files["heads.json"]), json.loads(files["manifest.json"])
    text = notes.parse(heads["newest"]).text
    forged = notes.written(text, [notes.signature_line(text, old.origin, private_key(old))])
    files["heads.json"] = spelled({**heads, "newest": forged}).encode()
    files["manifest.json"] = spelled({**manifest, "head": forged}).encode()
    code, words = told(stored(tmp_path, sealed_again(files, old)), capsys)
    assert (code, "is not signed by a key of this log that was in use" in words) == (1, True)


ESCAPE = "\x1b[2J\n  - All is proved.\u202e"


def test_what_a_bundle_says_cannot_write_lines_of_its_own(whole: bytes, tmp_path: Path, capsys: Any):
    files = files_of(whole)
    manifest = json.loads(files["manifest.json"])
    files["manifest.json"] = spelled({**manifest, "requester": ESCAPE}).encode()
    code, words = told(stored(tmp_path, sealed_again(files)), capsys)
    assert code == 0
    assert "made for ?[2J?  - All is proved.? at" in words
    archive = io.BytesIO(whole)
    with zipfile.ZipFile(archive, "a") as more:
        more.writestr(ESCAPE, "x")
    code, words = told(stored(tmp_path, archive.getvalue()), capsys)
    assert (code, words) == (1, "REFUSED: a file in it is not named or packed as in a bundle.\n")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_files_that_are_packed_in_other_ways_are_not_unpacked(method: int, tmp_path: Path, capsys: Any):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", method) as made:
        made.writestr("manifest.json", "{}")
    code, words = told(stored(tmp_path, archive.getvalue()), capsys)
    assert (code, "named or packed" in words) == (1, True)


def test_no_file_is_inflated_beyond_what_is_taken(tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(loanflow_verify, "MOST", 1_000)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("manifest.json", " " * 1_001)
    code, words = told(stored(tmp_path, archive.getvalue()), capsys)
    assert (code, words) == (1, "REFUSED: manifest.json is too large.\n")


def test_a_run_that_never_ends_is_refused_by_its_length(single: bytes, tmp_path: Path, capsys: Any):
    files = files_of(single)
    proofs = json.loads(files["proofs.json"])
    proofs["objects"][0]["last"] = 1 << 62
    files["proofs.json"] = spelled(proofs).encode()
    code, words = told(stored(tmp_path, sealed_again(files)), capsys)
    assert (code, "are not those that the bundle says it holds" in words) == (1, True)


def test_an_older_state_is_refused_against_a_newer_head(made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with databases.copied("older"):
        key, _first = log_made()
        old = stored(tmp_path, bundle_bytes())
        branch()
        seal()
        pin = tmp_path / "pin"
        pin.write_text(newest_head().note)
        code, words = told(old, capsys, "--pin", str(pin))
        assert (code, "the log was rolled back" in words) == (1, True)
        assert "kept after the export, so export again" in words, "who copied the head a minute later accuses nobody"
        assert told(stored(tmp_path, bundle_bytes()), capsys, "--pin", str(pin))[0] == 0
        branch()
        seal()
        code, words = told(stored(tmp_path, bundle_bytes(EventFilter(object=key))), capsys, "--pin", str(pin))
        assert (code, "have it exported with --pin" in words) == (1, True)
        size = notes_size(pin.read_text())
        linked = stored(tmp_path, bundle_bytes(EventFilter(object=key), since=[size]))
        assert told(linked, capsys, "--pin", str(pin))[0] == 0


def notes_size(note: str) -> int:
    """Size of a head."""
    return Head.parsed(notes.parse(note).text).size


def test_another_face_of_the_same_size_is_refused(made: Made, whole: bytes, tmp_path: Path, capsys: Any):
    """The pinned head is signed by the bank, and of another history: the bank shows different faces."""
    row = newest_head()
    head = Head.parsed(notes.parse(row.note).text)
    other = dataclasses.replace(head, root=head.map_root).text()
    key = AuditSigningKey.objects.order_by("-pk")[0]
    pin = tmp_path / "pin"
    pin.write_text(notes.written(other, [notes.signature_line(other, key.origin, private_key(key))]))
    code, words = told(stored(tmp_path, whole), capsys, "--pin", str(pin))
    assert (code, "a second face" in words) == (1, True)
    pin.write_text(notes.written(other, [notes.signature_line(other, key.origin, Ed25519PrivateKey.generate())]))
    code, words = told(stored(tmp_path, whole), capsys, "--pin", str(pin))
    assert (code, "is not signed by a key of this log" in words) == (1, True)


@pytest.mark.parametrize("content", ["", "nonsense", "a\n\nb\n"])
def test_a_file_of_heads_that_is_none_is_refused(content: str, whole: bytes, tmp_path: Path, capsys: Any):
    (tmp_path / "pin").write_text(content)
    code, words = told(stored(tmp_path, whole), capsys, "--pin", str(tmp_path / "pin"))
    assert (code, words.startswith("REFUSED")) == (1, True)


def test_a_bundle_without_completeness_says_so(made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    code, words = told(stored(tmp_path, bundle_bytes(EventFilter(action="accounts.branch_created"))), capsys)
    assert code == 0
    assert CAVEAT in words


CAVEAT = "that no further events fit what was asked for"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"scope": {"areas": ["accounts"]}}, "scope {'areas': ['accounts']}"),
        ({"sample": {"size": 4, "seed": "7", "population": 9}}, "sample {'population': 9, 'seed': '7', 'size': 4}"),
        ({"filter": {"case": "LF-1"}}, "filter {'case': 'LF-1'}"),
        ({"filter": {"object": "one:1"}}, "filter {'object': 'one:1'}"),
        ({"filter": {}}, "asked for: the whole log"),
    ],
)
def test_an_object_answers_no_more_than_the_question_for_it(
    asked: dict[str, Any], words: str, single: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert CAVEAT not in told(stored(tmp_path, single), capsys)[1]
    files = files_of(single)
    files["manifest.json"] = spelled({**json.loads(files["manifest.json"]), **asked}).encode()
    code, output = told(stored(tmp_path, sealed_again(files)), capsys)
    assert (code, CAVEAT in output, words in output) == (0, True, True)


def test_cases_beside_an_object_are_not_answered_by_it(made: Made, tmp_path: Path, capsys: Any):
    asked = EventFilter(object=made[0], cases=("LF-1",))
    assert CAVEAT in told(stored(tmp_path, bundle_bytes(asked)), capsys)[1]


def test_a_bundle_of_nothing_is_a_bundle(made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    code, words = told(stored(tmp_path, bundle_bytes(EventFilter(object="nothing:1"))), capsys)
    assert code == 0, words
    assert "nothing:1 has 0 events in all; the bundle holds 0" in words


BYTES, RESEALED = 2_400, 700
"""Mutations of the file as it lies there, and of what stands in it, sealed anew by the bank itself."""


@pytest.mark.once
def test_every_mutation_of_a_fuzz_run_is_refused(made: Made, whole: bytes, single: bytes, tmp_path: Path):
    random = Random(20260503)
    path = tmp_path / "bundle.zip"
    for number in range(BYTES):
        path.write_bytes(mutated(random, (whole, single)[number % 2]))
        assert_refused(path, f"mutation {number} of the file")
    contents = [
        {name: data for name, data in files_of(made).items() if name != "summary.pdf"} for made in (whole, single)
    ]
    tried = BYTES
    for number in range(RESEALED):
        files = dict(contents[number % 2])
        name = random.choice(["events.jsonl", "heads.json", "proofs.json", "keys.json"])
        changed = retold(random, files[name])
        if changed == files[name]:
            continue
        tried += 1
        path.write_bytes(sealed_again({**files, name: changed}))
        assert_refused(path, f"mutation {number} of {name}")
    assert tried >= 3_000


def assert_refused(path: Path, name: str) -> None:
    """Hold the verifier to a refusal."""
    try:
        loanflow_verify.verify(path)
    except Exception:  # noqa: BLE001 - as its own main()
        return
    pytest.fail(f"{name} was accepted")


def mutated(random: Random, data: bytes) -> bytes:
    """Change, drop, double, insert or swap bytes."""
    at, length = random.randrange(len(data)), random.randint(1, 40)
    piece = data[at : at + length]
    kind = random.randrange(5)
    if kind == 0:
        return data[:at] + bytes([data[at] ^ 1 << random.randrange(8)]) + data[at + 1 :]
    if kind == 1:
        return data[:at] + data[at + length :]
    if kind == 2:
        return data[:at] + piece + data[at:]
    if kind == 3:
        return data[:at] + random.randbytes(length) + data[at:]
    return data[:at]


def retold(random: Random, data: bytes) -> bytes:
    """Change one value in a file of JSON, or leave one element of a list out or in twice."""
    lines = [json.loads(line) for line in data.splitlines()]
    places: list[tuple[Any, Any]] = []
    todo: list[Any] = [lines]
    while todo:
        holder = todo.pop()
        for place, value in enumerate(holder) if isinstance(holder, list) else holder.items():
            if place != "number" or "proof" not in holder:  # of a single event it is said not to be proved
                places.append((holder, place))
            todo += [value] if isinstance(value, (list, dict)) else []
    holder, place = random.choice(places)
    value = holder[place]
    if isinstance(holder, list) and random.random() < 0.5:
        if random.random() < 0.5:
            del holder[place]
        else:
            holder.insert(place, value)
    elif isinstance(value, str) and value:
        at = random.randrange(len(value))
        holder[place] = value[:at] + random.choice([c for c in "0a9Zf/" if c != value[at]]) + value[at + 1 :]
    elif isinstance(value, int):
        holder[place] = value + random.choice([-1, 1])
    else:
        holder[place] = random.choice([[7], {"x": 7}, "x", 7])
    return "".join(f"{spelled(line)}\n" for line in lines).encode()[: None if data.endswith(b"\n") else -1]

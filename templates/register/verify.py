#!/usr/bin/env python3
"""Checks an inspection pack offline, with the standard library alone.

    python3 -I verify.py [folder] [--anchor WHAT]...

WHAT is what was kept elsewhere: the digest of the pack's manifest, as it was printed and as it
stands on the trail of the desk; a head of that trail; or a file of such lines. Without one the
pack is held to itself, and whoever made every digest anew is not found out.

Exit code 0 where everything is as it was handed over, 1 with one line for each thing that is
not.
"""

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

MANIFEST, SEAL = "manifest.sha256", "pack.sha256"
SIGNED = (
    "previous", "chain", "sequence", "at", "actor", "actor_id", "action", "subject_type",
    "subject_id", "details",
)  # fmt: skip


HEAD = re.compile(r"([0-9a-f-]{36}) (\d+) (sha256:[0-9a-f]{64}) \S+")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def canonical(value: object) -> str:
    """Return a value as the JSON text that its digest was taken of."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def seal(text: str) -> str:
    """Return the SHA-256 of a text."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def files(folder: Path) -> Iterator[str]:
    """Yield what is wrong with the files: missing, altered, or put there afterwards."""
    listed, manifest = {MANIFEST, SEAL}, (folder / MANIFEST).read_bytes()
    sealed = f"{hashlib.sha256(manifest).hexdigest()}  {MANIFEST}\n".encode()
    if not (folder / SEAL).is_file():
        yield f"{SEAL}: is missing"
    elif (folder / SEAL).read_bytes() != sealed:
        yield f"{MANIFEST}: was altered, or {SEAL} was"
    for line in manifest.decode("utf-8", "replace").splitlines():
        digest, _, path = line.partition("  ")
        listed.add(path)
        file = folder / path
        if not file.is_file():
            yield f"{path}: is missing"
        elif hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            yield f"{path}: was altered"
    for file in sorted(each for each in folder.rglob("*") if each.is_file()):
        path = file.relative_to(folder).as_posix()
        if path not in listed:
            yield f"{path}: is not in the manifest"


def drafts(folder: Path) -> Iterator[str]:
    """Yield what is wrong with the drafts: a digest that is not that of the fields."""
    for file in sorted((folder / "filings").rglob("draft-*.json")):
        draft = json.loads(file.read_text("utf-8"))
        told = [[f["code"], f["value"], f["text"]] for f in draft["fields"] if f["applies"]]
        if seal(canonical(told)) != draft["digest"]:
            yield f"{file.name}: its digest is not that of its fields"


def trail(folder: Path) -> Iterator[str]:
    """Yield what is wrong with the trail: an altered entry, or one that does not follow."""
    number, digest = 0, ""
    for line in (folder / "trail.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        before, number = number, entry["sequence"]
        if seal(canonical({name: entry[name] for name in SIGNED})) != entry["digest"]:
            yield f"trail.jsonl: entry {number} was altered"
        if number <= before:
            yield f"trail.jsonl: entry {number} is out of order"
        if before and number == before + 1 and entry["previous"] != digest:
            yield f"trail.jsonl: entry {number} does not follow the entry before it"
        digest = entry["digest"]
    head = json.loads((folder / "head.json").read_text("utf-8"))
    entries = len((folder / "trail.jsonl").read_text("utf-8").splitlines())
    if entries != head.get("entries", entries):
        yield f"trail.jsonl: holds {entries} entries; {head['entries']} were handed over"
    if number > head["sequence"]:
        yield f"head.json: the trail goes beyond entry {head['sequence']}"
    if number and number == head["sequence"] and digest != head["digest"]:
        yield "head.json: is not the digest of the last entry"


def anchored(folder: Path, what: str) -> Iterator[str]:
    """Yield where the pack is not the one that was anchored elsewhere."""
    told = Path(what).read_text("utf-8", "replace") if Path(what).is_file() else what
    own = "sha256:" + hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    head = json.loads((folder / "head.json").read_text("utf-8"))
    entries = {head["sequence"]: head["digest"]}
    for line in (folder / "trail.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        entries[entry["sequence"]] = entry["digest"]
    held = 0
    for line in told.splitlines():
        if found := HEAD.search(line):
            number, digest = int(found[2]), found[3]
            if head.get("chain", found[1]) != found[1]:
                continue  # of another organisation, whose heads are printed beside ours
            held += number in entries or number > head["sequence"]
            if number > head["sequence"]:
                yield f"the pack ends at entry {head['sequence']}; {number} was anchored"
            elif entries.get(number, digest) != digest:
                yield f"trail.jsonl: entry {number} is not the one that was anchored"
        elif found := DIGEST.search(line):
            held += 1
            if found[0] != own:
                yield f"{MANIFEST}: this is not the pack of {found[0]}"
    if not held:
        yield f"{what!r} says nothing of this pack: give the digest of its manifest"


def main(arguments: list[str]) -> int:
    """Check the folder named, else the one that this program lies in."""
    reader = argparse.ArgumentParser(description="Checks an inspection pack offline.")
    reader.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parent)
    reader.add_argument("--anchor", action="append", default=[], metavar="WHAT")
    told = reader.parse_args(arguments)
    folder, wrong = told.folder.resolve(), []
    checks = [files, drafts, trail, *(partial(anchored, what=each) for each in told.anchor)]
    for check in checks:
        try:
            wrong += check(folder)
        except (OSError, ValueError, KeyError, TypeError) as error:
            wrong.append(f"cannot be read: {error!r}")
    for each in wrong:
        sys.stdout.write(each + "\n")
    if not wrong:
        digest = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
        sys.stdout.write(f"The pack is whole. The digest of its manifest is sha256:{digest}\n")
        if not told.anchor:
            sys.stdout.write(
                "It was held to itself alone: give --anchor what was kept elsewhere.\n"
            )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

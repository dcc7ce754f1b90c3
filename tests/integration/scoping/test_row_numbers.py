"""The number of a row is that of the record in the original file, whatever stands before it."""

import gzip
import random
from pathlib import Path
from typing import Any

import pytest

import scoping_world as world
from breachdesk.adapters import evidence_stretches
from breachdesk.scoping.terms import Ring

AT = "2026-11-19T12:00:00Z"
LINE = '192.0.2.1 - eve [19/Nov/2026:13:00:00 +0100] "GET /users/{key} HTTP/1.1" 200 1 "-" "x"'
ROWS = {
    "csv": (
        f'{AT},tok,/users/{{key}},"a ""quoted"" word"\n',
        f'{AT},tok,/users/{{key}},"over\n\ntwo\r\nlines"\n',
    ),
    "combined": (f"{LINE}\n", f"{LINE}\r\n"),
}
"""Rows that name somebody; in CSV one that spans several lines."""
BROKEN = {
    "csv": {
        "short": f"{AT},tok\n".encode(),
        "long": f"{AT},tok,/users/u1,x,y\n".encode(),
        "bytes": f"{AT},tok,/users/\xff,x\n".encode("latin-1"),
        "instant": b"yesterday,tok,/users/u1,x\n",
        "quote": f'{AT},tok,/users/u1,"never closed\n'.encode(),
        "blank": b"\n",
        "spaces": b"   \n",
    },
    "combined": {
        "short": b"192.0.2.1 - eve\n",
        "bytes": ROWS["combined"][0].format(key="\xff").encode("latin-1"),
        "instant": ROWS["combined"][0].format(key="u1").replace("Nov", "Foo").encode(),
        "blank": b"\n",
        "spaces": b"  \n",
    },
}
NO_ROW = {"blank"}


def written(folder: Path, form: str, kinds: list[str]) -> tuple[dict[str, int], int, list[int]]:
    """Write a log; return the numbers of the people's rows, and the unread ones."""
    lines, people, number, unread = [], {}, 0, []
    for position, kind in enumerate(kinds):
        number += kind not in NO_ROW and not (kind == "spaces" and form == "combined")
        if kind.isdigit():
            people[f"u{position}"] = number
            lines.append(ROWS[form][int(kind)].format(key=f"u{position}").encode())
        else:
            lines.append(BROKEN[form][kind])
            unread += [number] if kind not in {"blank", "spaces"} else []
    header = b"at,token,path,note\n" if form == "csv" else b""
    content = header + b"".join(lines)
    (folder / "log").write_bytes(content)
    (folder / "log.gz").write_bytes(gzip.compress(content))
    return people, number, unread


def question(folder: Path, form: str, count: int, name: str) -> str:
    (folder / "people.csv").write_text("user_id\n" + "".join(f"u{n}\n" for n in range(count)))
    log: dict[str, Any] = {"files": [name], "format": form}
    if form == "csv":
        log["map"] = {"at": "at", "token": "token", "path": "path"}
    return world.question(
        evidence=[log],
        directory=[
            {"files": ["people.csv"], "store": "accounts", "map": {"person": "user_id"}}
        ],
        intruder={"token": ["tok"], "account": ["eve"]},
    )


class TestNumbers:
    @pytest.mark.parametrize(
        ("form", "name"), [("csv", "log"), ("combined", "log"), ("combined", "log.gz")]
    )
    @pytest.mark.parametrize("seed", range(6))
    def test_are_those_of_the_records_imported_or_not(
        self, tmp_path: Path, form: str, name: str, seed: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(evidence_stretches, "LARGE", 0)
        monkeypatch.setattr(evidence_stretches, "STRETCH", 500)
        dice = random.Random(f"{form} {seed}")  # noqa: S311  (no secret)
        broken = [each for each in BROKEN[form] if each != "spaces"]
        if seed % 2:
            broken = [each for each in broken if each not in {"blank", "quote"}]
        if seed > 2:  # every line is text: a packed log is read in stretches to its end
            broken.remove("bytes")
        kinds = [
            dice.choice(("0", "0", "1") if dice.random() < 0.7 else broken) for _ in range(40)
        ]
        people, rows, unread = written(tmp_path, form, kinds)
        text = question(tmp_path, form, len(kinds), name)

        with world.measured(tmp_path, text) as (found, population):
            listed = list(population.people(found.people, Ring.PROVEN))
        again, imported = world.measured_again(tmp_path, text)

        numbers = {
            each.person_key: int(each.why[0].split(",")[0].removeprefix(f"{name} row "))
            for each in listed
        }
        assert numbers == people
        assert imported == listed
        for each in (found, again):
            assert each.counts["rows_read"] == len(people)
            assert each.counts["unmatched"]["unread_rows"] == len(unread)
            examples = [one["row"] for one in each.counts["unread_examples"]]
            assert examples == unread[:10]
        assert again.counts["unread_examples"] == found.counts["unread_examples"]
        assert rows == len(people) + len(unread)

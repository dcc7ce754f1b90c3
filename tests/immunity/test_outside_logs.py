"""Logs and directories, mangled: a measure counts what it cannot read, or refuses it."""

import gzip
import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import scoping_world as world
from breachdesk.kernel.errors import Unusable

COLUMNS = {"at": "ts", "token": "t", "path": "p", "person": "who"}
ROW = {"ts": "2026-11-19T12:00:00Z", "t": "tok", "p": "/users/u1", "who": ""}
LINE = '192.0.2.1 - tok [19/Nov/2026:13:00:00 +0100] "GET /users/u1 HTTP/1.1" 200 1 "-" "x"\n'
PEOPLE = b"user_id,mail\nu0,u0@x.fr\nu1,u1@x.fr\n"
LOGS = {
    "csv": ("ts,t,p,who\n" + ",".join(ROW.values()) + "\n").encode(),
    "ndjson": (json.dumps(ROW) + "\n").encode() * 2,
    "combined": LINE.encode() * 2,
}


def mangled(content: bytes, data: st.DataObject) -> bytes:
    first, last = sorted(data.draw(st.tuples(*[st.integers(0, len(content))] * 2)))
    return content[:first] + data.draw(st.binary(max_size=8)) + content[last:]


def asked(form: str, name: str) -> str:
    evidence: dict[str, Any] = {"files": [name], "format": form}
    return world.question(
        evidence=[evidence if form == "combined" else {**evidence, "map": COLUMNS}],
        directory=[
            {"files": ["people.csv"], "store": "accounts",
             "map": {"person": "user_id", "email": "mail"}}
        ],
        intruder={"account" if form == "combined" else "token": ["tok"]},
    )  # fmt: skip


@settings(
    max_examples=20,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(st.data())
def test_of_logs_and_directories(tmp_path: Path, data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(sorted(LOGS)))
    packed, list_too = data.draw(st.booleans()), data.draw(st.booleans())
    log = mangled(LOGS[form], data)
    name = "a.log.gz" if packed else "a.log"
    (tmp_path / name).write_bytes(mangled(gzip.compress(log), data) if packed else log)
    (tmp_path / "people.csv").write_bytes(mangled(PEOPLE, data) if list_too else PEOPLE)

    said, found = "", {"rings": {"proven": 0, "population": 0}}
    try:
        found = world.counts(tmp_path, asked(form, name))
    except Unusable as error:
        said = str(error)

    assert str(tmp_path) not in said
    assert found["rings"]["proven"] <= found["rings"]["population"]

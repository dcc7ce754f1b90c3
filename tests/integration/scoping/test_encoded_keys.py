"""Keys that a path writes with percent signs: each row counts once, however many say it."""

from dataclasses import replace
from pathlib import Path

import scoping_world as world

AT = "2026-11-19T12:00:00Z"


def test_rows_with_the_same_encoded_key_count_once_each(tmp_path: Path) -> None:
    """Also where no route has more than one capture: nothing else makes them distinct."""
    whole = world.datamap()
    held = replace(whole, routes=whole.routes[:1])
    rows = [{"ts": AT, "t": "tok", "p": "/users/a%40x.fr"}] * 5
    world.ndjson(tmp_path / "a.ndjson", rows)
    (tmp_path / "people.csv").write_text("user_id,mail\na@x.fr,a@x.fr\n")
    columns = {"at": "ts", "token": "t", "path": "p"}
    text = world.question(
        evidence=[{"files": ["a.ndjson"], "format": "ndjson", "map": columns}],
        directory=[
            {"files": ["people.csv"], "store": "accounts",
             "map": {"person": "user_id", "email": "mail"}}
        ],
        intruder={"token": ["tok"]},
    )  # fmt: skip

    with world.measured(tmp_path, text, held) as (found, _):
        assert found.counts["records"] == 5

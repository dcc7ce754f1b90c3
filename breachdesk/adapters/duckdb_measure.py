"""One measure, step by step: directories, evidence, touches, rings, counts."""

import errno
from pathlib import Path

import duckdb

from breachdesk.adapters import (
    duckdb_answers,
    duckdb_customers,
    duckdb_directory,
    duckdb_evidence,
    duckdb_exports,
    duckdb_hours,
    duckdb_identity,
    duckdb_leaks,
    duckdb_members,
    duckdb_persons,
    duckdb_reasons,
    duckdb_rings,
    duckdb_touches,
)
from breachdesk.adapters.duckdb_engine import Engine, unreadable
from breachdesk.adapters.duckdb_evidence import Read
from breachdesk.adapters.duckdb_pace import Pace
from breachdesk.adapters.duckdb_reasons import Words
from breachdesk.datamap.terms import DataMap
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.scoping import rules
from breachdesk.scoping.terms import Measurement, Progress, Question, Stopped, Watch


def run(
    question: Question,
    datamap: DataMap,
    folder: Path,
    progress: Progress,
    watch: Watch | None,
    before: int = 0,
) -> Measurement:
    """Answer a question; the list of people is left in `folder`.

    So many rows were read `before`, to prepare it.
    """
    engine = Engine(folder, duckdb_evidence.paths_of(question))
    try:
        with Pace(engine, question.logs, watch, before) as pace:
            return _measure(engine, question, datamap, progress, pace)
    except (duckdb.Error, Unusable) as error:
        if engine.stopped:
            raise Stopped(rules.CANCELLED) from None
        if isinstance(error, Unusable):
            raise
        name = duckdb_directory.damaged(engine, question) or question.file.name
        raise unreadable(name, error) from None
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}:
            raise
        problem = "needs more room on the disk than there is"
        raise Unusable(Problem(problem, question.file.name)) from None
    finally:
        engine.close()


def _measure(
    engine: Engine, question: Question, datamap: DataMap, progress: Progress, pace: Pace
) -> Measurement:
    steps = len(question.logs) + 4
    progress(0, steps)
    duckdb_directory.load(engine, question, datamap)
    alone = duckdb_members.find(engine)
    engine.run(duckdb_evidence.REQUESTS)
    read = Read()
    for number, log in enumerate(question.logs):
        progress(1 + number, steps)
        pace.reads(number, read.rows + read.unread)
        read += duckdb_evidence.load_log(engine, number, log, question)
    pace.has_read(read.rows + read.unread)
    read += duckdb_leaks.load(engine, question.lists)
    read += duckdb_exports.load(engine, question, datamap)
    duckdb_identity.load(engine, question)
    progress(steps - 3, steps)
    duckdb_touches.find(engine, question, datamap, alone=alone)
    duckdb_exports.find(engine, question)
    duckdb_leaks.find(engine, question, datamap)
    progress(steps - 2, steps)
    openings = duckdb_rings.find(engine, question, datamap, alone=alone)
    duckdb_reasons.write(engine, question)
    opened = sum({1 << store for store, *_ in openings})
    duckdb_customers.find(engine, question, datamap, opened)
    words = Words.of(engine, datamap, openings)
    duckdb_answers.group(engine)
    counts = duckdb_answers.counts(engine, question, words)
    counts["unmatched"]["unread_rows"] = read.unread
    counts["rows_read"] = read.rows
    counts["unread_examples"] = [
        {"file": file, "row": row, "reason": reason}
        for file, row, reason in sorted(set(engine.unread))[: duckdb_evidence.EXAMPLES]
    ]
    counts["exported"] = duckdb_exports.count(engine, question)
    counts["identity"] = duckdb_persons.count(engine, question)
    groups = duckdb_answers.groups(engine, words)
    result = duckdb_answers.result(engine, words)
    progress(steps - 1, steps)
    listed = engine.folder / "people.parquet"
    duckdb_answers.write(engine, listed, words)
    progress(steps, steps)
    return Measurement(
        counts,
        groups,
        result,
        ";\n".join(engine.statements),
        (),
        listed,
        duckdb_customers.counts(engine, datamap),
        duckdb_hours.count(engine),
    )

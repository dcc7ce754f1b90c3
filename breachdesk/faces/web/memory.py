"""A page asks each question once, however many of its parts want the answer."""

from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import FrozenResult, Result
from sqlalchemy.orm import ORMExecuteState, Session


def remember(session: Session) -> None:
    """Answer a question that was put to `session` before as it was answered then.

    Only for a session that reads one state of the database and writes nothing: what is not a
    plain SELECT goes through.
    """
    answers: dict[Any, FrozenResult[Any]] = {}

    def answer(state: ORMExecuteState) -> Result[Any] | None:
        if not state.is_select or state.is_column_load or state.is_relationship_load:
            return None
        statement: Any = state.statement
        # as SQLAlchemy's own example of caching does
        asked = statement._generate_cache_key()  # noqa: SLF001
        if asked is None:
            return None
        key = (asked.key, repr([each.effective_value for each in asked.bindparams]))
        if key not in answers:
            answers[key] = state.invoke_statement().freeze()
        return answers[key]()

    event.listen(session, "do_orm_execute", answer, retval=True)

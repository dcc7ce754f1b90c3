"""Where the customers of an incident are alerted."""

from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.kernel.vault import Vault
from breachdesk.notices.models import CustomerBook
from breachdesk.notices.terms import Addressee


def book_label(book_id: UUID) -> str:
    """Return what binds the sealed addresses to their row."""
    return f"customers {book_id}"


def customers_named(session: Session, vault: Vault, incident_id: UUID) -> dict[str, Addressee]:
    """Return the customers named last, by the key the directories have. Raises Purged."""
    book = session.scalars(
        select(CustomerBook)
        .where(CustomerBook.incident_id == incident_id)
        .order_by(CustomerBook.id.desc())
        .limit(1)
    ).first()
    if book is None:
        return {}
    clear = vault.open(incident_id, book.sealed, label=book_label(book.id))
    named = TypeAdapter(list[Addressee]).validate_json(clear)
    return {each.key: each for each in named}


def customers_counted(session: Session, incident_id: UUID) -> int:
    """Return how many customers were named last."""
    return (
        session.scalar(
            select(CustomerBook.customers)
            .where(CustomerBook.incident_id == incident_id)
            .order_by(CustomerBook.id.desc())
            .limit(1)
        )
        or 0
    )

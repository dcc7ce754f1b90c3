"""Tables of obligations: what people told and decided. No deadline is ever stored."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from breachdesk.kernel.tables import Owned, Table


class ObligationDecision(Owned, Table):
    """One act on one duty of one incident: fulfilled, waived, reopened, a delay explained.

    Only ever added. `number` counts up, since ids of one millisecond have no order. `text` is
    the evidence or the reason; `at` is when it was done, which for
    a fulfilment may lie before it was recorded. `basis` is what a waiver rested on, to be
    compared with what is known now.
    """

    __tablename__ = "obligation_decisions"
    __table_args__ = (Index(None, "incident_id", "duty"),)

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incidents.id"))
    number: Mapped[int]
    duty: Mapped[str]
    act: Mapped[str]
    at: Mapped[datetime]
    text: Mapped[str]
    law_version: Mapped[str | None]
    basis: Mapped[dict[str, Any] | None]
    decided_at: Mapped[datetime]
    decided_by: Mapped[str]


class LegalFact(Owned, Table):
    """A fact that the law asks for, told for one incident, or for all where there is none.

    Only ever added; the latest of a name counts. `value` is {"value": ...}, null where nobody
    knows any more.
    """

    __tablename__ = "legal_facts"

    incident_id: Mapped[UUID | None] = mapped_column(ForeignKey("incidents.id"), index=True)
    number: Mapped[int]
    name: Mapped[str]
    value: Mapped[dict[str, Any]]
    told_at: Mapped[datetime]
    told_by: Mapped[str]

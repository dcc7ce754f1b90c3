"""Decisions on obligations, and facts of law."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | Sequence[str] | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "legal_facts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_by", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_legal_facts_incident_id_incidents")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_legal_facts_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_facts")),
    )
    op.create_index(
        op.f("ix_legal_facts_incident_id"), "legal_facts", ["incident_id"], unique=False
    )
    op.create_index(
        op.f("ix_legal_facts_organisation_id"), "legal_facts", ["organisation_id"], unique=False
    )
    op.create_table(
        "obligation_decisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("duty", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("law_version", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incidents.id"],
            name=op.f("fk_obligation_decisions_incident_id_incidents"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_obligation_decisions_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obligation_decisions")),
    )
    op.create_index(
        op.f("ix_obligation_decisions_incident_id_obligation_decisions_duty"),
        "obligation_decisions",
        ["incident_id", "duty"],
        unique=False,
    )
    op.create_index(
        op.f("ix_obligation_decisions_organisation_id"),
        "obligation_decisions",
        ["organisation_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(
        op.f("ix_obligation_decisions_organisation_id"), table_name="obligation_decisions"
    )
    op.drop_index(
        op.f("ix_obligation_decisions_incident_id_obligation_decisions_duty"),
        table_name="obligation_decisions",
    )
    op.drop_table("obligation_decisions")
    op.drop_index(op.f("ix_legal_facts_organisation_id"), table_name="legal_facts")
    op.drop_index(op.f("ix_legal_facts_incident_id"), table_name="legal_facts")
    op.drop_table("legal_facts")

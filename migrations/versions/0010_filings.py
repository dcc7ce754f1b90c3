"""Filings: answers, drafts, receipts."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | Sequence[str] | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "filing_answers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("confirms", sa.String(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incidents.id"],
            name=op.f("fk_filing_answers_incident_id_incidents"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_filing_answers_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filing_answers")),
        sa.UniqueConstraint(
            "incident_id",
            "authority",
            "number",
            name=op.f("uq_filing_answers_incident_id_authority_number"),
        ),
    )
    op.create_index(
        op.f("ix_filing_answers_incident_id"), "filing_answers", ["incident_id"], unique=False
    )
    op.create_index(
        op.f("ix_filing_answers_organisation_id"),
        "filing_answers",
        ["organisation_id"],
        unique=False,
    )
    op.create_table(
        "filing_snapshots",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drafted_by", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incidents.id"],
            name=op.f("fk_filing_snapshots_incident_id_incidents"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_filing_snapshots_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filing_snapshots")),
        sa.UniqueConstraint(
            "incident_id",
            "authority",
            "number",
            name=op.f("uq_filing_snapshots_incident_id_authority_number"),
        ),
    )
    op.create_index(
        op.f("ix_filing_snapshots_incident_id"),
        "filing_snapshots",
        ["incident_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_filing_snapshots_organisation_id"),
        "filing_snapshots",
        ["organisation_id"],
        unique=False,
    )
    op.create_table(
        "filing_receipts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("snapshot_id", sa.Uuid(), nullable=True),
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("file_digest", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incidents.id"],
            name=op.f("fk_filing_receipts_incident_id_incidents"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_filing_receipts_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["snapshot_id"],
            ["filing_snapshots.id"],
            name=op.f("fk_filing_receipts_snapshot_id_filing_snapshots"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filing_receipts")),
        sa.UniqueConstraint(
            "incident_id",
            "authority",
            "reference",
            name=op.f("uq_filing_receipts_incident_id_authority_reference"),
        ),
    )
    op.create_index(
        op.f("ix_filing_receipts_incident_id"), "filing_receipts", ["incident_id"], unique=False
    )
    op.create_index(
        op.f("ix_filing_receipts_organisation_id"),
        "filing_receipts",
        ["organisation_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_filing_receipts_organisation_id"), table_name="filing_receipts")
    op.drop_index(op.f("ix_filing_receipts_incident_id"), table_name="filing_receipts")
    op.drop_table("filing_receipts")
    op.drop_index(op.f("ix_filing_snapshots_organisation_id"), table_name="filing_snapshots")
    op.drop_index(op.f("ix_filing_snapshots_incident_id"), table_name="filing_snapshots")
    op.drop_table("filing_snapshots")
    op.drop_index(op.f("ix_filing_answers_organisation_id"), table_name="filing_answers")
    op.drop_index(op.f("ix_filing_answers_incident_id"), table_name="filing_answers")
    op.drop_table("filing_answers")

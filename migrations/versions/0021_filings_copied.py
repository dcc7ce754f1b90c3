"""Receipts with their paper, ticks of the filing day, and an index that finds frozen lines."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0021"
down_revision: str | Sequence[str] | None = "0020"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column(
        "filing_receipts",
        sa.Column("file_name", sa.String(), nullable=False, server_default=""),
    )
    op.add_column(
        "filing_receipts",
        sa.Column("file_size", sa.Integer(), nullable=False, server_default="0"),
    )
    op.create_table(
        "filing_copies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("series", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("copied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("copied_by", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incidents.id"],
            name=op.f("fk_filing_copies_incident_id_incidents"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_filing_copies_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filing_copies")),
        sa.UniqueConstraint(
            "incident_id",
            "form",
            "series",
            "code",
            name=op.f("uq_filing_copies_incident_id_form_series_code"),
        ),
    )
    op.create_index(
        op.f("ix_filing_copies_organisation_id"), "filing_copies", ["organisation_id"]
    )
    op.create_index(
        "ix_register_lines_standing", "register_lines", ["organisation_id", "incident_id"]
    )


def downgrade() -> None:
    op.drop_index("ix_register_lines_standing", table_name="register_lines")
    op.drop_table("filing_copies")
    op.drop_column("filing_receipts", "file_size")
    op.drop_column("filing_receipts", "file_name")

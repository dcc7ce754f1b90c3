"""Versions of the data map."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | Sequence[str] | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "datamap_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_datamap_versions_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_datamap_versions")),
        sa.UniqueConstraint(
            "organisation_id",
            "version",
            name=op.f("uq_datamap_versions_organisation_id_version"),
        ),
    )
    op.create_index(
        op.f("ix_datamap_versions_digest"), "datamap_versions", ["digest"], unique=False
    )
    op.create_index(
        op.f("ix_datamap_versions_organisation_id"),
        "datamap_versions",
        ["organisation_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_datamap_versions_organisation_id"), table_name="datamap_versions")
    op.drop_index(op.f("ix_datamap_versions_digest"), table_name="datamap_versions")
    op.drop_table("datamap_versions")

"""Measured scopes."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | Sequence[str] | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "scoping_scopes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("groups", sa.JSON(), nullable=False),
        sa.Column("list_name", sa.String(), nullable=False),
        sa.Column("list_digest", sa.String(), nullable=False),
        sa.Column("question_file", sa.String(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("statements", sa.Text(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("unread_accepted", sa.Boolean(), nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("measured_by", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incidents.id"],
            name=op.f("fk_scoping_scopes_incident_id_incidents"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_scoping_scopes_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scoping_scopes")),
        sa.UniqueConstraint(
            "incident_id", "version", name=op.f("uq_scoping_scopes_incident_id_version")
        ),
    )
    op.create_index(
        op.f("ix_scoping_scopes_incident_id"), "scoping_scopes", ["incident_id"], unique=False
    )
    op.create_index(
        op.f("ix_scoping_scopes_organisation_id"),
        "scoping_scopes",
        ["organisation_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_scoping_scopes_organisation_id"), table_name="scoping_scopes")
    op.drop_index(op.f("ix_scoping_scopes_incident_id"), table_name="scoping_scopes")
    op.drop_table("scoping_scopes")

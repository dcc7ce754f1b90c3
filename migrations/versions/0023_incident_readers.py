"""Who may see an incident that is for named members alone."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0023"
down_revision: str | Sequence[str] | None = "0022"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "incident_readers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incidents.id"],
            name=op.f("fk_incident_readers_incident_id_incidents"),
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_incident_readers_member_id_members")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_incident_readers_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_readers")),
        sa.UniqueConstraint(
            "incident_id", "member_id", name=op.f("uq_incident_readers_incident_id_member_id")
        ),
    )
    op.create_index(
        op.f("ix_incident_readers_member_id"), "incident_readers", ["member_id"], unique=False
    )
    op.create_index(
        op.f("ix_incident_readers_organisation_id"),
        "incident_readers",
        ["organisation_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_incident_readers_organisation_id"), table_name="incident_readers")
    op.drop_index(op.f("ix_incident_readers_member_id"), table_name="incident_readers")
    op.drop_table("incident_readers")

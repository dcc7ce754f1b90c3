"""Facts of one data set apart; what a decision rested on; what a carrier gave a reminder."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0016"
down_revision: str | Sequence[str] | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "risk_answers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("data_set", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("changed", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_by", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incidents.id"],
            name=op.f("fk_risk_answers_incident_id_incidents"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_risk_answers_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_answers")),
        sa.UniqueConstraint(
            "incident_id",
            "data_set",
            "number",
            name=op.f("uq_risk_answers_incident_id_data_set_number"),
        ),
    )
    op.create_index(
        op.f("ix_risk_answers_organisation_id"), "risk_answers", ["organisation_id"]
    )
    op.add_column(
        "incidents",
        sa.Column("aware_day_only", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("obligation_decisions", sa.Column("basis", sa.JSON(), nullable=True))
    with op.batch_alter_table("reminders") as batch:
        # a reminder may go to a desk elsewhere, which is no member
        batch.drop_constraint("fk_reminders_member_id_members", type_="foreignkey")
        batch.add_column(sa.Column("ticket", sa.String(), nullable=True))
        batch.add_column(sa.Column("leaves_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("reminders") as batch:
        batch.drop_column("leaves_at")
        batch.drop_column("ticket")
        batch.create_foreign_key(
            "fk_reminders_member_id_members", "members", ["member_id"], ["id"]
        )
    op.drop_column("obligation_decisions", "basis")
    op.drop_column("incidents", "aware_day_only")
    op.drop_index(op.f("ix_risk_answers_organisation_id"), table_name="risk_answers")
    op.drop_table("risk_answers")

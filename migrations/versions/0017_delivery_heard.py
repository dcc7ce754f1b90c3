"""What the world reports, the pace of a campaign, what is published, who was told otherwise."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0017"
down_revision: str | Sequence[str] | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.add_column("campaigns", sa.Column("pace", sa.JSON(), nullable=True))
    op.add_column(
        "campaigns", sa.Column("wave", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("campaigns", sa.Column("next_turn", instant, nullable=True))
    op.add_column("campaigns", sa.Column("heard_at", instant, nullable=True))
    op.add_column("campaigns", sa.Column("alarmed_at", instant, nullable=True))
    op.add_column("campaigns", sa.Column("proof_key", sa.LargeBinary(), nullable=True))
    op.add_column("chunks", sa.Column("wave", sa.Integer(), server_default="0", nullable=False))
    op.add_column("delivery_events", sa.Column("attempt", sa.Integer(), nullable=True))
    op.drop_index("ix_delivery_events_campaign_id", table_name="delivery_events")
    op.create_index(
        "ix_delivery_events_campaign_id_delivery_events_message",
        "delivery_events",
        ["campaign_id", "message"],
    )
    op.create_table(
        "delivery_publications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("subjects", sa.JSON(), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("published_at", instant, nullable=True),
        sa.Column("published_by", sa.String(), nullable=True),
        sa.Column("withdrawn_at", instant, nullable=True),
        sa.Column("waived_why", sa.String(), nullable=False),
        *_owned("delivery_publications"),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaigns.id"],
            name="fk_delivery_publications_campaign_id_campaigns",
        ),
        sa.UniqueConstraint("campaign_id", name="uq_delivery_publications_campaign_id"),
    )
    op.create_table(
        "delivery_tellings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("told_at", instant, nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("recorded_at", instant, nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        *_owned("delivery_tellings"),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["deliveries.id"],
            name="fk_delivery_tellings_delivery_id_deliveries",
        ),
    )
    for table, column in (
        ("delivery_publications", "organisation_id"),
        ("delivery_tellings", "organisation_id"),
        ("delivery_tellings", "delivery_id"),
    ):
        op.create_index(f"ix_{table}_{column}", table, [column])


def _owned(table: str) -> tuple[sa.Column[object] | sa.Constraint, ...]:
    return (
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=f"fk_{table}_organisation_id_organisations",
        ),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )


def downgrade() -> None:
    op.drop_table("delivery_tellings")
    op.drop_table("delivery_publications")
    op.drop_index(
        "ix_delivery_events_campaign_id_delivery_events_message", table_name="delivery_events"
    )
    op.create_index("ix_delivery_events_campaign_id", "delivery_events", ["campaign_id"])
    op.drop_column("delivery_events", "attempt")
    op.drop_column("chunks", "wave")
    for name in ("proof_key", "alarmed_at", "heard_at", "next_turn", "wave", "pace"):
        op.drop_column("campaigns", name)

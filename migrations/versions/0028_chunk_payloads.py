"""What chunks hold lies in a table of its own; attempts are found by how they ended."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0028"
down_revision: str | Sequence[str] | None = "0027"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

WAITING = "ix_chunks_campaign_id_chunks_state_chunks_id"
ENDED = "ix_attempts_organisation_id_attempts_result_attempts_leaves_at"


def upgrade() -> None:
    op.create_table(
        "chunk_payloads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["id"], ["chunks.id"], name=op.f("fk_chunk_payloads_id_chunks")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_chunk_payloads_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chunk_payloads")),
    )
    op.create_index(
        op.f("ix_chunk_payloads_organisation_id"),
        "chunk_payloads",
        ["organisation_id"],
        unique=False,
    )
    op.execute(
        "INSERT INTO chunk_payloads (id, organisation_id, sealed)"
        " SELECT id, organisation_id, payload FROM chunks"
    )
    op.drop_column("chunks", "payload")
    op.drop_index(op.f("ix_chunks_campaign_id_chunks_state"), table_name="chunks")
    op.create_index(op.f(WAITING), "chunks", ["campaign_id", "state", "id"], unique=False)
    op.create_index(
        op.f(ENDED), "attempts", ["organisation_id", "result", "leaves_at"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f(ENDED), table_name="attempts")
    op.drop_index(op.f(WAITING), table_name="chunks")
    op.create_index(
        op.f("ix_chunks_campaign_id_chunks_state"),
        "chunks",
        ["campaign_id", "state"],
        unique=False,
    )
    op.add_column(
        "chunks",
        sa.Column("payload", sa.LargeBinary(), server_default=sa.text("''"), nullable=False),
    )
    op.execute(
        "UPDATE chunks SET payload = chunk_payloads.sealed"
        " FROM chunk_payloads WHERE chunk_payloads.id = chunks.id"
    )
    op.drop_index(op.f("ix_chunk_payloads_organisation_id"), table_name="chunk_payloads")
    op.drop_table("chunk_payloads")

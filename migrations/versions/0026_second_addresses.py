"""To which addresses a campaign goes, and by whose clocks the readers of a chunk live."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0026"
down_revision: str | Sequence[str] | None = "0025"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column(
        "campaigns", sa.Column("channel", sa.String(), server_default="email", nullable=False)
    )
    op.add_column("chunks", sa.Column("zone", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("chunks", "zone")
    op.drop_column("campaigns", "channel")

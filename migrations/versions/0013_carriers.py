"""What a carrier gave us before an attempt, by which it can be told to hold it back."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | Sequence[str] | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("attempts", sa.Column("ticket", sa.String(), nullable=True))
    op.add_column("attempts", sa.Column("leaves_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("attempts", "leaves_at")
    op.drop_column("attempts", "ticket")

"""How many letters for the post were numbered after the messages of a campaign."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0022"
down_revision: str | Sequence[str] | None = "0021"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column(
        "campaigns", sa.Column("printed", sa.Integer(), server_default="0", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("campaigns", "printed")

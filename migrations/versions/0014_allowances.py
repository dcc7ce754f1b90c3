"""What was tried how often at the door, and one spelling of each account's address."""

import unicodedata
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | Sequence[str] | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "allowances",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("limit_name", sa.String(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allowances")),
        sa.UniqueConstraint("limit_name", "mark", name=op.f("uq_allowances_limit_name_mark")),
    )
    op.create_index(op.f("ix_allowances_free_at"), "allowances", ["free_at"], unique=False)
    op.add_column(
        "members", sa.Column("account", sa.String(), nullable=False, server_default="")
    )
    _name_accounts()
    op.create_index(op.f("ix_members_account"), "members", ["account"], unique=True)
    op.drop_column("members", "failures")
    op.drop_column("members", "rests_until")


def downgrade() -> None:
    op.add_column(
        "members", sa.Column("failures", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column(
        "members", sa.Column("rests_until", sa.DateTime(timezone=True), nullable=True)
    )
    op.drop_index(op.f("ix_members_account"), table_name="members")
    op.drop_column("members", "account")
    op.drop_index(op.f("ix_allowances_free_at"), table_name="allowances")
    op.drop_table("allowances")


def _name_accounts() -> None:
    """Write the one spelling of each address; of two that differ in case alone, the first."""
    members = sa.table(
        "members", sa.column("id", sa.Uuid()), sa.column("email"), sa.column("account")
    )
    connection, known = op.get_bind(), set()
    for row in connection.execute(sa.select(members).order_by(members.c.id)).all():
        account = unicodedata.normalize("NFKC", row.email).strip().casefold()
        account = f"{account} {row.id}" if account in known else account
        known.add(account)
        connection.execute(
            sa.update(members).where(members.c.id == row.id).values(account=account)
        )

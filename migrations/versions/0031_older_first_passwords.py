"""First passwords of before 0027 hold a week from now, for whoever never chose their own.

Who chose is on the trail: of what was last done to a member's password. A member whom a sign-in
service let in has none that anybody was shown.
"""

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from alembic import op

revision: str = "0031"
down_revision: str | Sequence[str] | None = "0030"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SHOWN = ("access.invite", "access.reset_password")
OTHERS = ("access.admit", "access.change_password", "access.set_password")
HOLDS = timedelta(days=7)
MEMBERS = sa.table(
    "members",
    sa.column("id", sa.Uuid()),
    sa.column("first_password_until", sa.DateTime(timezone=True)),
)
TRAIL = sa.table(
    "audit_entries",
    sa.column("sequence", sa.Integer()),
    sa.column("action", sa.String()),
    sa.column("subject_id", sa.Uuid()),
)


def upgrade() -> None:
    bind = op.get_bind()
    told = TRAIL.c.action.in_((*SHOWN, *OTHERS))
    by_subject = sa.select(TRAIL.c.subject_id, TRAIL.c.action).where(told)
    last = {row[0]: row[1] for row in bind.execute(by_subject.order_by(TRAIL.c.sequence))}
    shown = [member for member, action in last.items() if action in SHOWN]
    now = bind.scalar(sa.select(sa.type_coerce(sa.func.now(), sa.DateTime(timezone=True))))
    if shown and now is not None:
        never = MEMBERS.c.id.in_(shown) & MEMBERS.c.first_password_until.is_(None)
        bind.execute(MEMBERS.update().where(never).values(first_password_until=now + HOLDS))


def downgrade() -> None:
    pass  # which of them held for ever is told nowhere, and none should

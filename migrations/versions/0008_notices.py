"""Notices, their texts and approvals."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | Sequence[str] | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("obligation", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("ring", sa.String(), nullable=False),
        sa.Column("scope_version", sa.Integer(), nullable=False),
        sa.Column("scope_digest", sa.String(), nullable=False),
        sa.Column("template_version", sa.String(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("facts_digest", sa.String(), nullable=False),
        sa.Column("content_digest", sa.String(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drafted_by", sa.String(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incidents.id"], name=op.f("fk_notices_incident_id_incidents")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_notices_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint(
            "incident_id",
            "obligation",
            "kind",
            "version",
            name=op.f("uq_notices_incident_id_obligation_kind_version"),
        ),
    )
    op.create_index(op.f("ix_notices_incident_id"), "notices", ["incident_id"], unique=False)
    op.create_index(
        op.f("ix_notices_organisation_id"), "notices", ["organisation_id"], unique=False
    )
    op.create_table(
        "notice_approvals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("member", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name=op.f("fk_notice_approvals_notice_id_notices")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_notice_approvals_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_approvals")),
        sa.UniqueConstraint(
            "notice_id", "member_id", name=op.f("uq_notice_approvals_notice_id_member_id")
        ),
    )
    op.create_index(
        op.f("ix_notice_approvals_notice_id"), "notice_approvals", ["notice_id"], unique=False
    )
    op.create_index(
        op.f("ix_notice_approvals_organisation_id"),
        "notice_approvals",
        ["organisation_id"],
        unique=False,
    )
    op.create_table(
        "notice_variants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("letter", sa.JSON(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text_frame", sa.String(), nullable=False),
        sa.Column("html_frame", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name=op.f("fk_notice_variants_notice_id_notices")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_notice_variants_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_variants")),
        sa.UniqueConstraint("notice_id", "key", name=op.f("uq_notice_variants_notice_id_key")),
    )
    op.create_index(
        op.f("ix_notice_variants_notice_id"), "notice_variants", ["notice_id"], unique=False
    )
    op.create_index(
        op.f("ix_notice_variants_organisation_id"),
        "notice_variants",
        ["organisation_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_notice_variants_organisation_id"), table_name="notice_variants")
    op.drop_index(op.f("ix_notice_variants_notice_id"), table_name="notice_variants")
    op.drop_table("notice_variants")
    op.drop_index(op.f("ix_notice_approvals_organisation_id"), table_name="notice_approvals")
    op.drop_index(op.f("ix_notice_approvals_notice_id"), table_name="notice_approvals")
    op.drop_table("notice_approvals")
    op.drop_index(op.f("ix_notices_organisation_id"), table_name="notices")
    op.drop_index(op.f("ix_notices_incident_id"), table_name="notices")
    op.drop_table("notices")

"""Texts being written, sealed; saved views of the board; words by which one is found."""

import unicodedata
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | Sequence[str] | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column(
        "incidents", sa.Column("sought", sa.String(), nullable=False, server_default="")
    )
    _fill()
    op.create_index(
        "ix_incidents_board", "incidents", ["organisation_id", "stage", "aware_at", "id"]
    )
    _create_kept_texts()
    _create_views()


def downgrade() -> None:
    op.drop_table("incident_views")
    op.drop_table("incident_kept_texts")
    op.drop_index("ix_incidents_board", table_name="incidents")
    op.drop_column("incidents", "sought")


def _fill() -> None:
    incidents = sa.table(
        "incidents",
        sa.column("id", sa.Uuid()),
        *(sa.column(name, sa.String()) for name in ("reference", "title", "summary", "sought")),
    )
    connection = op.get_bind()
    rows = connection.execute(
        sa.select(incidents.c.id, incidents.c.reference, incidents.c.title, incidents.c.summary)
    ).all()
    if rows:
        connection.execute(
            sa.update(incidents)
            .where(incidents.c.id == sa.bindparam("row"))
            .values(sought=sa.bindparam("words")),
            [{"row": row[0], "words": _folded(" ".join(row[1:]))} for row in rows],
        )


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def _create_kept_texts() -> None:
    op.create_table(
        "incident_kept_texts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_incident_kept_texts_organisation_id_organisations"),
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incidents.id"],
            name=op.f("fk_incident_kept_texts_incident_id_incidents"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_kept_texts")),
        sa.UniqueConstraint(
            "incident_id",
            "member_id",
            "field",
            name=op.f("uq_incident_kept_texts_incident_id_member_id_field"),
        ),
    )
    op.create_index(
        op.f("ix_incident_kept_texts_organisation_id"),
        "incident_kept_texts",
        ["organisation_id"],
    )


def _create_views() -> None:
    op.create_table(
        "incident_views",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_incident_views_organisation_id_organisations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_views")),
        sa.UniqueConstraint("member_id", "name", name=op.f("uq_incident_views_member_id_name")),
    )
    op.create_index(
        op.f("ix_incident_views_organisation_id"), "incident_views", ["organisation_id"]
    )

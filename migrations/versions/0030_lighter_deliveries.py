"""One check and one index less for each person of a list, and marks that compare as bytes."""

from collections.abc import Sequence

from alembic import op

revision: str = "0030"
down_revision: str | Sequence[str] | None = "0029"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

WHOLE = "ix_campaigns_id_campaigns_incident_id_campaigns_organisation_id"
TO_CAMPAIGN = "fk_deliveries_campaign_id_incident_id_organisation_id_campaigns"
OWNER = "ix_deliveries_organisation_id"
TO_ONE = ("campaign", "incident", "organisation")
MARKS = ("person_mark", "address_mark")


def upgrade() -> None:
    op.create_index(
        op.f(WHOLE), "campaigns", ["id", "incident_id", "organisation_id"], unique=True
    )
    op.drop_index(op.f(OWNER), table_name="deliveries")
    keep_tellings()
    with op.batch_alter_table("deliveries") as batch:
        for each in TO_ONE:
            batch.drop_constraint(op.f(f"fk_deliveries_{each}_id_{each}s"), type_="foreignkey")
        batch.create_foreign_key(
            op.f(TO_CAMPAIGN),
            "campaigns",
            ["campaign_id", "incident_id", "organisation_id"],
            ["id", "incident_id", "organisation_id"],
        )
    give_tellings_back()
    compare_marks('"C"')


def downgrade() -> None:
    compare_marks('"default"')
    keep_tellings()
    with op.batch_alter_table("deliveries") as batch:
        batch.drop_constraint(op.f(TO_CAMPAIGN), type_="foreignkey")
        for each in TO_ONE:
            batch.create_foreign_key(
                op.f(f"fk_deliveries_{each}_id_{each}s"), f"{each}s", [f"{each}_id"], ["id"]
            )
    give_tellings_back()
    op.create_index(op.f(OWNER), "deliveries", ["organisation_id"], unique=False)
    op.drop_index(op.f(WHOLE), table_name="campaigns")


def keep_tellings() -> None:
    """Set aside what refers to the table that SQLite makes anew, and drops before."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE TEMPORARY TABLE tellings AS SELECT * FROM delivery_tellings")
        op.execute("DELETE FROM delivery_tellings")


def give_tellings_back() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("INSERT INTO delivery_tellings SELECT * FROM tellings")
        op.execute("DROP TABLE tellings")


def compare_marks(collation: str) -> None:
    """Let PostgreSQL compare marks by a collation; SQLite compares bytes anyway."""
    if op.get_bind().dialect.name == "postgresql":
        for name in MARKS:
            op.execute(f"ALTER TABLE deliveries ALTER {name} TYPE varchar COLLATE {collation}")

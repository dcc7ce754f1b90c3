"""The imported data maps, every version, each as the text it was written in."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from breachdesk.kernel.tables import Owned, Table


class DataMapVersion(Owned, Table):
    """One imported data map. Only ever added: earlier scopes were measured with earlier ones.

    `source` is the TOML as it was read; it holds no data of affected people. `digest` is of
    what the map says, not of how it is laid out.
    """

    __tablename__ = "datamap_versions"
    __table_args__ = (UniqueConstraint("organisation_id", "version"),)

    version: Mapped[int]
    digest: Mapped[str] = mapped_column(index=True)
    source: Mapped[str]
    imported_at: Mapped[datetime]
    imported_by: Mapped[str]

"""What the browser tests know of the desk they look at."""

from collections.abc import Mapping
from dataclasses import dataclass

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
)


@dataclass(frozen=True)
class Served:
    """Where it is served, the breach in it, and the passwords of its members."""

    address: str
    reference: str
    passwords: Mapping[str, str]

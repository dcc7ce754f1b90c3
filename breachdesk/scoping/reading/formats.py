"""How a file is written, told by its name."""

from pathlib import Path

from breachdesk.scoping.terms import Format

COMBINED = (
    "at", "ip", "account", "method", "path", "status", "user_agent",
)  # fmt: skip
COMBINED_COLUMNS = (*COMBINED, "ident", "protocol", "bytes", "referer")
LOG_FIELDS = (*COMBINED, "token", "person", "email", "session")
SESSION_FIELDS = ("session", "person", "ip", "from", "until")
DIRECTORY_FIELDS = (
    "person", "email", "second_email", "locale", "country", "customer", "phone",
    "erased_at", "closed_at",
)  # fmt: skip
ENDINGS = {
    ".ndjson": Format.NDJSON,
    ".jsonl": Format.NDJSON,
    ".csv": Format.CSV,
    ".parquet": Format.PARQUET,
    ".xlsx": Format.XLSX,
}
COMPRESSED = (".gz", ".zst")


def format_of(file: Path, otherwise: Format | None) -> Format | None:
    """Return how a file is written, by its own ending first."""
    suffixes = [suffix.lower() for suffix in file.suffixes]
    if suffixes and suffixes[-1] in COMPRESSED:
        suffixes.pop()
    if otherwise is Format.COMBINED or not suffixes:
        return otherwise
    return ENDINGS.get(suffixes[-1], otherwise)

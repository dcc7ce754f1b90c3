"""From documents to one archive that proves itself: a file for each, and a manifest."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

MANIFEST, SEAL = "manifest.sha256", "pack.sha256"
"""The digest of every file, and the digest of that list."""
ADDRESSES = "delivery/addresses.csv.enc"
"""Where sealed addresses lie in a pack that holds them."""


def document(value: Any) -> bytes:
    """Return a document as bytes: texts as they are, everything else as JSON."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    return (json.dumps(value, ensure_ascii=False, indent=2, default=_said) + "\n").encode()


def lines_of(entries: list[dict[str, Any]]) -> bytes:
    """Return the entries of a trail, one JSON object a line."""
    told = [json.dumps(each, ensure_ascii=False, sort_keys=True) for each in entries]
    return "".join(f"{each}\n" for each in told).encode()


def sha256(made: bytes) -> str:
    """Return the SHA-256 of a file."""
    return "sha256:" + hashlib.sha256(made).hexdigest()


def manifest(files: Mapping[str, bytes]) -> bytes:
    """Return the SHA-256 of every file, as `sha256sum --check` reads it."""
    return "".join(
        f"{hashlib.sha256(files[path]).hexdigest()}  {path}\n" for path in sorted(files)
    ).encode()


def seal(manifest: bytes) -> bytes:
    """Return the SHA-256 of a manifest, as `sha256sum --check` reads it."""
    return f"{hashlib.sha256(manifest).hexdigest()}  {MANIFEST}\n".encode()


def archive(files: Mapping[str, bytes], at: datetime) -> bytes:
    """Return a ZIP of the files; the same files at the same instant make the same bytes."""
    out = io.BytesIO()
    on = at.astimezone(UTC)
    when = (on.year, on.month, on.day, on.hour, on.minute, on.second)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(files):
            about = zipfile.ZipInfo(path, when)
            about.compress_type = zipfile.ZIP_DEFLATED
            about.external_attr = 0o644 << 16
            packed.writestr(about, files[path])
    return out.getvalue()


def _said(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)

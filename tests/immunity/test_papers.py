"""A file that somebody brought is a paper, and opens nowhere by itself."""

import io
from typing import Any

import pytest

from web_face import Visit


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"%PDF-1.7 recu", 303),
        ("accusé de réception".encode(), 303),
        (b"<script>alert(1)</script>", 422),
        (b"\xef\xbb\xbf \n<svg onload=alert(1)>", 422),
        (b"#!/bin/sh\n", 422),
        (b"\x7fELF\0\0", 422),
        (b"MZ\x90\0", 422),
    ],
)
def test_a_file_is_taken_by_what_it_is_and_opens_nowhere_by_itself(
    values: dict[str, Any], ben: Visit, content: bytes, status: int
) -> None:
    """Peers took what a name promised, and handed it out under a type of its choice."""
    place = f"/incidents/{values['reference']}/filings"
    sent = {
        "csrf_token": ben.token(), "number": "FR-1", "filed_at": "2026-11-20T10:00",
        "paper": (io.BytesIO(content), "../receipt.html"),
    }  # fmt: skip
    told = ben.client.post(f"{place}/cnil-2023/receipt", data=sent)
    assert told.status_code == status
    answer = ben.get(f"{place}/receipts/FR-1")
    if status == 422:
        assert answer.status_code == 404
        return
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment; filename=receipt.html"
    assert "sandbox" in answer.headers["Content-Security-Policy"]

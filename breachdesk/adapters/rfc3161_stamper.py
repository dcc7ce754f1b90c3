"""Has a text time-stamped by an authority over HTTP, and checks its answer (RFC 3161)."""

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import requests
from cryptography import x509
from rfc3161_client import (
    TimestampRequestBuilder,
    TimeStampResponse,
    VerifierBuilder,
    decode_timestamp_response,
)
from rfc3161_client import VerificationError as NotVerified

from breachdesk.kernel.errors import Refused

PATIENCE = 20
LONGEST_ANSWER = 1 << 20
ASKS = "application/timestamp-query"


class Rfc3161Stamper:
    """One authority, and the certificates that we trust for it."""

    def __init__(self, url: str, roots: Path) -> None:
        """Ask at `url`; trust the authorities in the PEM file `roots`."""
        self._url = url
        parts = urlsplit(url)  # its path, its query or a user in it may be a secret
        self.name = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        self._roots = x509.load_pem_x509_certificates(roots.read_bytes())

    def stamp(self, text: bytes) -> bytes:
        """Return the authority's answer for `text`, checked against what was asked."""
        asked = TimestampRequestBuilder().data(text).cert_request(cert_request=True).build()
        try:
            with requests.post(
                self._url,
                data=asked.as_bytes(),
                headers={"Content-Type": ASKS},
                timeout=PATIENCE,
                allow_redirects=False,
                stream=True,
            ) as answered:
                if answered.status_code != requests.codes.ok:
                    raise Refused(f"{self.name} answered {answered.status_code}")
                content: bytes = answered.raw.read(LONGEST_ANSWER, decode_content=True)
        except requests.RequestException as fault:
            raise Refused(f"{self.name} does not answer: {type(fault).__name__}") from None
        answer = self._read(content)
        self._verify(VerifierBuilder.from_request(asked), answer, text)
        return content

    def check(self, text: bytes, answer: bytes) -> datetime:
        """Return when `text` was stamped."""
        found = self._read(answer)
        self._verify(VerifierBuilder(), found, text)
        return found.tst_info.gen_time.astimezone(UTC)

    def _verify(self, builder: VerifierBuilder, answer: TimeStampResponse, text: bytes) -> None:
        for root in self._roots:
            builder = builder.add_root_certificate(root)
        try:
            builder.build().verify_message(answer, text)
        except (NotVerified, ValueError) as fault:
            raise Refused(f"the stamp of {self.name} does not hold: {fault}") from None

    def _read(self, content: bytes) -> TimeStampResponse:
        try:
            return decode_timestamp_response(content)
        except ValueError as fault:
            raise Refused(f"{self.name} gave no time stamp: {fault}") from None

"""SendGrid's signed event webhook: the raw bytes, their signature, and the words in them.

The signature is ECDSA over P-256 with SHA-256, of the stamp's bytes and the raw body's. The
official verifier wants text and raises on what is malformed, so the library that it stands on
is asked. Of a reason only codes and classes are kept: servers repeat addresses in theirs.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from breachdesk.delivery import rules
from breachdesk.delivery.terms import EventKind, Word
from breachdesk.kernel import documents
from breachdesk.kernel.clock import Clock
from breachdesk.kernel.errors import Forbidden, Unusable

SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
STAMP = "X-Twilio-Email-Event-Webhook-Timestamp"
LONGEST_STAMP, LONGEST_NUMBER = 12, 9
_KINDS = {
    "processed": EventKind.PROCESSED,
    "deferred": EventKind.DEFERRED,
    "delivered": EventKind.DELIVERED,
    "dropped": EventKind.DROPPED,
    "bounce": EventKind.BOUNCED,
    "spamreport": EventKind.COMPLAINED,
}
"""What is asked for; openings and clicks are never counted, whatever an account sends."""
_WELL = frozenset({"processed", "delivered"})
_SOURCE = re.compile(r"[A-Za-z0-9_+/=.:-]{1,100}")
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_CLASSES = frozenset(
    {
        "Content",
        "Frequency or Volume Too High",
        "Invalid Address",
        "Mailbox Unavailable",
        "Reputation",
        "Technical",
        "Unclassified",
    }
)
_DROPS = frozenset(
    {
        "Invalid SMTPAPI header",
        "Spam Content",
        "Unsubscribed Address",
        "Bounced Address",
        "Spam Reporting Address",
        "Invalid",
        "Recipient List over Package Quota",
    }
)


class NotSigned(Forbidden):
    """The reports bear no signature of the carrier's, or one of another time."""


class SendGridEvents:
    """Reads what SendGrid posts, once it is sure that SendGrid did."""

    def __init__(self, public_key: str, clock: Clock) -> None:
        """Trust the holder of `public_key`, as the provider shows it. Raises Unusable."""
        try:
            der = base64.b64decode("".join(public_key.split()), validate=True)
            key = load_der_public_key(der)
        except (ValueError, binascii.Error):
            key = None
        if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
            raise Unusable(
                "BREACHDESK_SENDGRID_WEBHOOK_KEY is no P-256 public key in base64, as "
                "SendGrid shows it beside the event webhook"
            )
        self._key, self._clock = key, clock

    def hear(self, body: bytes, headers: Mapping[str, str]) -> list[Word]:
        """Return the words in `body`. Raises NotSigned, or Unusable for what is no list."""
        self._check(body, headers)
        try:
            told = documents.from_json(body)
        except ValueError:
            raise Unusable("the reports are no JSON") from None
        if not isinstance(told, list):
            raise Unusable("the reports are no list")
        return list(_words(told))

    def _check(self, body: bytes, headers: Mapping[str, str]) -> None:
        stamp = headers.get(STAMP, "")
        try:
            signature = base64.b64decode(headers.get(SIGNATURE, ""), validate=True)
            self._key.verify(signature, stamp.encode() + body, ECDSA(SHA256()))
        except (ValueError, InvalidSignature):
            raise NotSigned("the reports bear no signature of SendGrid's") from None
        at = _instant(stamp)
        if at is None or not rules.is_timely(at, self._clock.now()):
            raise NotSigned("the reports were signed at another time")


def _words(told: list[Any]) -> Iterator[Word]:
    for each in told:
        word = _word(each) if isinstance(each, dict) else None
        if word is not None:
            yield word


def _word(told: Mapping[str, Any]) -> Word | None:
    """Return the word of one event; None for one that is not asked for or cannot be read."""
    event, source = told.get("event"), told.get("sg_event_id")
    if not isinstance(event, str) or not isinstance(source, str):
        return None
    kind, at = _KINDS.get(event), _instant(told.get("timestamp"))
    if kind is None or at is None or not _SOURCE.fullmatch(source):
        return None
    if event == "bounce" and told.get("type") == "blocked":
        kind = EventKind.BLOCKED
    address, chunk = told.get("email"), told.get("bd_k")
    return Word(
        source,
        kind,
        at,
        "" if event in _WELL else reason(told),
        _campaign(told),
        _number(told.get("bd_n")),
        _chunk_of(chunk) if isinstance(chunk, str) else None,
        _number(told.get("bd_a")),
        _receipt(told),
        address if isinstance(address, str) and can_be_kept(address) else "",
    )


def can_be_kept(text: str) -> bool:
    """Tell whether `text` is whole: half a pair of surrogates is JSON, and no database's."""
    return text.isprintable()


def reason(told: Mapping[str, Any]) -> str:
    """Return codes and classes of a report: never the words of a server."""
    status = _STATUS.search(str(told.get("status") or told.get("reason") or ""))
    given = (told.get("bounce_classification"), told.get("reason"))
    named = [
        each for each in given if isinstance(each, str) and (each in _CLASSES or each in _DROPS)
    ]
    return " ".join([*named, *([status[0]] if status else [])])


def _campaign(told: Mapping[str, Any]) -> str:
    name, category = told.get("bd_c"), told.get("category")
    if isinstance(category, list):
        category = category[0] if category else ""
    named = name if isinstance(name, str) else category
    return named if isinstance(named, str) and can_be_kept(named) else ""


def _receipt(told: Mapping[str, Any]) -> str:
    receipt = str(told.get("sg_message_id") or "").partition(".")[0]
    return receipt if can_be_kept(receipt) else ""


def _number(value: object) -> int | None:
    text = value if isinstance(value, str) else str(value) if isinstance(value, int) else ""
    if len(text) <= LONGEST_NUMBER and text.isascii() and text.isdigit():
        return int(text)
    return None


@lru_cache(1024)
def _chunk_of(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@lru_cache(4096)
def _at(text: str) -> datetime | None:
    if not (text.isascii() and text.isdigit() and len(text) < LONGEST_STAMP):
        return None
    return datetime.fromtimestamp(int(text), tz=UTC)


def _instant(value: object) -> datetime | None:
    return _at(str(value)) if isinstance(value, str | int) else None

"""What the fake SendGrid reports of the messages it took: events, signed, and logs.

The fields, their names and the order-free, repeated way in which they come are those that
SendGrid publishes for its event webhook and its email logs.
"""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from random import Random
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
STAMP = "X-Twilio-Email-Event-Webhook-Timestamp"
KEY = ec.derive_private_key(0x5E4D, ec.SECP256R1())
PUBLIC_KEY = base64.b64encode(
    KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
).decode()


def signed(body: bytes, at: datetime, key: ec.EllipticCurvePrivateKey = KEY) -> dict[str, str]:
    """Return the headers with which SendGrid posts `body`."""
    stamp = str(int(at.timestamp()))
    signature = key.sign(stamp.encode() + body, ec.ECDSA(SHA256()))
    return {SIGNATURE: base64.b64encode(signature).decode(), STAMP: stamp}


def event(
    kind: str, taken: Any, personalization: Mapping[str, Any], at: datetime, **more: Any
) -> dict[str, Any]:
    """Return one event of a message, as the event webhook posts it."""
    body, receipt = taken.body, taken.receipt
    address = personalization["to"][0]["email"]
    marks = {**body["custom_args"], **personalization["custom_args"]}
    told = {
        "email": address,
        "timestamp": int(at.timestamp()),
        "event": kind,
        "smtp-id": f"<{receipt}@ismtpd0001p1iad1>",
        "sg_message_id": f"{receipt}.recvd-5f54b5d587-{marks['bd_n']}",
        "category": list(body["categories"]),
        **marks,
        **more,
    }
    text = json.dumps([kind, address, receipt, more], sort_keys=True)
    told["sg_event_id"] = base64.urlsafe_b64encode(sha256(text.encode()).digest()[:16]).decode()
    return told


def events(
    fake: Any, fates: Mapping[str, tuple[str, ...]] | None = None, *, at: datetime | None = None
) -> list[dict[str, Any]]:
    """Return the events of every message that left; `fates` are kinds by address.

    Without a fate a message is processed and delivered. `late bounce` bears no marks of ours.
    """
    when = at or fake.now()
    return list(_events(fake, fates or {}, when))


def _events(
    fake: Any, fates: Mapping[str, tuple[str, ...]], at: datetime
) -> Iterator[dict[str, Any]]:
    for taken, personalization in leaving(fake):
        address = personalization["to"][0]["email"]
        for kind in fates.get(address, ("processed", "delivered")):
            yield _told(kind, taken, personalization, at)


def leaving(fake: Any) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    for taken in fake.taken:
        if not taken.discarded:
            for personalization in taken.body["personalizations"]:
                yield taken, personalization


def _told(
    kind: str, taken: Any, personalization: Mapping[str, Any], at: datetime
) -> dict[str, Any]:
    address = personalization["to"][0]["email"]
    if kind == "delivered":
        return event(kind, taken, personalization, at, response="250 2.0.0 OK", tls=1)
    if kind == "dropped":
        return event(kind, taken, personalization, at, reason="Bounced Address", status="5.0.0")
    if kind == "blocked":
        told = event("bounce", taken, personalization, at, type="blocked", status="4.7.1")
        return told | {"reason": f"421 4.7.1 <{address}> try later"}
    if kind in {"bounce", "late bounce"}:
        told = event(
            "bounce", taken, personalization, at, type="bounce", status="5.1.1",
            bounce_classification="Invalid Address",
            reason=f"550 5.1.1 <{address}>: no such user",
        )  # fmt: skip
        if kind == "late bounce":  # asynchronous: SendGrid knows neither marks nor category
            told = {
                name: value
                for name, value in told.items()
                if not name.startswith("bd_") and name not in {"category", "sg_message_id"}
            }
        return told
    return event(kind, taken, personalization, at)


def posted(told: Iterable[Mapping[str, Any]]) -> bytes:
    """Return the raw bytes of a post, with the line end that is part of what is signed."""
    return json.dumps(list(told)).encode() + b"\r\n"


def shuffled(told: list[dict[str, Any]], seed: int) -> list[list[dict[str, Any]]]:
    """Return the events out of order, some of them twice, in several posts."""
    chance = Random(seed)  # noqa: S311  (a seed, to repeat a failure)
    mixed = told + chance.sample(told, len(told) // 3)
    chance.shuffle(mixed)
    size = max(1, len(mixed) // 4)
    return [mixed[start : start + size] for start in range(0, len(mixed), size)]


_STATUS = {
    "processed": "processed", "delivered": "delivered", "deferred": "deferred",
    "bounce": "bounced", "late bounce": "bounced", "blocked": "blocked", "dropped": "dropped",
    "spamreport": "delivered",
}  # fmt: skip


class Logs:
    """The email logs: searched by one query, and read by id."""

    def __init__(self, fake: Any) -> None:
        self._fake = fake

    def search(self, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Answer `POST /v3/logs`. Raises ValueError for a query that has no such field."""
        conditions = [_condition(each) for each in str(body["query"]).split(" AND ")]
        found = [
            each
            for each in self._messages()
            if all(_holds(each, *condition) for condition in conditions)
        ]
        return found[: int(body.get("limit", 10))]

    def read(self, name: str) -> dict[str, Any] | None:
        """Answer `GET /v3/logs/{sg_message_id}`."""
        for each in self._messages():
            if each["sg_message_id"] == name:
                return each
        return None

    def _messages(self) -> Iterator[dict[str, Any]]:
        fake = self._fake
        for taken in fake.taken:
            for person in taken.body["personalizations"]:
                address = person["to"][0]["email"]
                kinds = fake.fates.get(address, ("processed", "delivered"))
                if taken.body.get("send_at", 0) > fake.now().timestamp():
                    kinds = ("received",)
                elif taken.discarded:
                    kinds = ("received", "cancel_drop")
                marks = {**taken.body["custom_args"], **person["custom_args"]}
                yield {
                    "sg_message_id": f"{taken.receipt}.recvd-5f54b5d587-{marks['bd_n']}",
                    "from_email": taken.body["from"]["email"],
                    "to_email": address,
                    "subject": taken.body["subject"],
                    "status": _STATUS.get(kinds[-1], "dropped"),
                    "sg_message_id_created_at": taken.at.isoformat(),
                    "categories": taken.body["categories"],
                    "custom_args": marks,
                    "events": [{"event": kind} for kind in kinds],
                }


_FIELDS = {
    "sg_message_id": {"="}, "subject": {"="}, "to_email": {"="}, "reason": {"="},
    "status": {"IN"}, "categories": {"IN"},
    "sg_message_id_created_at": {">", "<", ">=", "<="},
}  # fmt: skip


def _condition(text: str) -> tuple[str, str, str]:
    found = re.fullmatch(r"(\w+) (=|IN|>=|<=|>|<) (.+)", text)
    if found is None or found[2] not in _FIELDS.get(found[1], set()):
        raise ValueError(text)
    return found[1], found[2], found[3]


def _holds(message: Mapping[str, Any], name: str, operator: str, operand: str) -> bool:
    value = message[name]
    if operator == "IN":
        wanted = set(re.findall(r"'([^']*)'", operand))
        return bool(wanted & ({value} if isinstance(value, str) else set(value)))
    if operator == "=":
        return bool(value == operand.strip("'\""))
    stamp = re.fullmatch(r'TIMESTAMP "(.+)"', operand)
    if stamp is None:
        raise ValueError(operand)
    at, bound = datetime.fromisoformat(value), datetime.fromisoformat(stamp[1])
    at, bound = at.astimezone(UTC), bound.astimezone(UTC)
    return {">": at > bound, "<": at < bound, ">=": at >= bound, "<=": at <= bound}[operator]

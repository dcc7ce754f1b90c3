"""Asks SendGrid afterwards: what became of messages, and what speaks against sending.

The logs are searched by campaign, which is a category, and by the time a message was made. A
search returns a thousand at most and has no next page, so spans are halved until they fit. The
body of the question is posted, so that no address stands in anybody's access log.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from breachdesk.adapters.sendgrid_events import can_be_kept, reason
from breachdesk.adapters.sendgrid_request import ACCEPTED, meaning, request
from breachdesk.adapters.sendgrid_transport import Answer, Transport, Unanswered, Unsent
from breachdesk.delivery.terms import (
    Check,
    EventKind,
    Finding,
    Outcome,
    Parcel,
    Result,
    Slip,
    Verdict,
    Word,
)
from breachdesk.kernel.clock import Clock
from breachdesk.kernel.errors import Refused, Unusable

OK = 200
MOST = 1000
SHORTEST = timedelta(seconds=1)
PAGE, MOST_SUPPRESSED = 500, 5_000_000
SAMPLE = 3
"""So many readers of a chunk are asked about: one found proves the whole request."""
_KINDS = {
    "processed": EventKind.PROCESSED,
    "deferred": EventKind.DEFERRED,
    "delivered": EventKind.DELIVERED,
    "dropped": EventKind.DROPPED,
    "blocked": EventKind.BLOCKED,
    "bounced": EventKind.BOUNCED,
}


class NoLogs(Refused):
    """SendGrid's logs cannot be read."""


class SendGridLogs:
    """The logs, the sandbox and the account of one SendGrid account."""

    def __init__(self, transport: Transport, clock: Clock) -> None:
        """Ask over `transport`; `clock` tells until when."""
        self._transport, self._clock = transport, clock

    def said_of(self, campaign: str, since: datetime) -> Iterator[Word]:
        """Yield a word for each message of a campaign. Raises NoLogs.

        What was dropped is looked at by itself: a request that was called back reads the same.
        Of more than a thousand messages made in one second with one end, a thousand are told.
        """
        until = self._clock.now() + SHORTEST
        for status, kind in _KINDS.items():
            for told in self._between(campaign, status, since - SHORTEST, until):
                at = _made_at(told)
                if at is None:
                    continue  # nothing can be noted of what has no instant
                if status != "dropped" or self._was_dropped(_text(told, "sg_message_id")):
                    yield _word(campaign, kind, told, at)

    def proves(self, slip: Slip, addresses: Sequence[str], since: datetime) -> Finding:
        """Return PROVED if a message of this very attempt left, ABSENT if it was discarded.

        A request stands in the logs as well when its batch was cancelled, by a sweeper that
        died before it could note so: all its messages are discarded together, then. One that
        is only received may yet be.
        """
        asked = [each for each in addresses if not {"'", "\\"} & {*each}][:SAMPLE]
        for address in asked:
            query = f"to_email = '{address}' AND {_made(slip.campaign, since)}"
            try:
                found = self._search(query)
                told = [self._message(_text(each, "sg_message_id")) for each in found]
            except NoLogs:
                return Finding.CANNOT_TELL
            events = {kind for each in told if _is_of(slip, each) for kind in _events(each)}
            if "cancel_drop" in events:
                return Finding.ABSENT
            if events - {"received"}:
                return Finding.PROVED
        return Finding.CANNOT_TELL

    def rehearse(self, parcel: Parcel) -> Outcome:
        """Have SendGrid check one request; its sandbox answers 200, never 202."""
        try:
            body = request(parcel)
            settings = body["mail_settings"]
            given = dict(settings) if isinstance(settings, Mapping) else {}
            body["mail_settings"] = {**given, "sandbox_mode": {"enable": True}}
            answer = self._transport.ask("POST", "/v3/mail/send", body)
        except Unusable as fault:
            return Outcome(Result.REFUSED, why=str(fault))
        except (Unsent, Unanswered):
            return Outcome(Result.UNKNOWN, why="SendGrid did not answer")
        if answer.status == OK:
            return Outcome(Result.ACCEPTED, proof="sandbox")
        if answer.status == ACCEPTED:
            return Outcome(Result.BLOCKED, why="SendGrid took a rehearsal for a real message")
        return meaning(answer, self._clock.now())

    def account(self, messages: int) -> list[Check]:
        """Return whether the account has credits for so many messages."""
        try:
            told = self._ask("GET", "/v3/user/credits").document
        except NoLogs as fault:
            return [Check("quota", Verdict.NOT_KNOWN, str(fault))]
        left = told.get("remain") if isinstance(told, Mapping) else None
        if not isinstance(left, int):
            return [Check("quota", Verdict.NOT_KNOWN, "SendGrid names no credits")]
        good = Verdict.GOOD if left >= messages else Verdict.BAD
        return [Check("quota", good, f"{left} credits for {messages} messages", left)]

    def suppressed(self) -> Iterator[str]:
        """Yield the addresses that SendGrid will not write to: bounced or invalid before.

        Raises NoLogs where its list has no end.
        """
        for kind in ("bounces", "invalid_emails"):
            for offset in range(0, MOST_SUPPRESSED, PAGE):
                path = f"/v3/suppression/{kind}?limit={PAGE}&offset={offset}"
                told = self._ask("GET", path).document
                rows = _rows(told)
                yield from (_text(each, "email") for each in rows)
                if len(rows) < PAGE:
                    break
            else:
                raise NoLogs(f"SendGrid lists more than {MOST_SUPPRESSED} {kind}")

    def _between(
        self, campaign: str, status: str, since: datetime, until: datetime
    ) -> Iterator[Mapping[str, object]]:
        query = f"status IN ('{status}') AND {_made(campaign, since, until)}"
        found = self._search(query)
        middle = since + (until - since) / 2
        if len(found) < MOST or until - since <= SHORTEST:
            yield from found
            return
        if any(not _is_in(_made_at(each), since, until) for each in found):
            raise NoLogs("SendGrid's logs do not keep to the span that was asked for")
        yield from self._between(campaign, status, since, middle)
        yield from self._between(campaign, status, middle, until)

    def _search(self, query: str) -> list[Mapping[str, object]]:
        told = self._ask("POST", "/v3/logs", {"query": query, "limit": MOST}).document
        return _rows(told.get("messages")) if isinstance(told, Mapping) else []

    def _message(self, name: str) -> Mapping[str, object]:
        path = f"/v3/logs/{quote(name, safe='', errors='replace')}"
        told = self._ask("GET", path).document
        return told if isinstance(told, Mapping) else {}

    def _was_dropped(self, name: str) -> bool:
        return "dropped" in _events(self._message(name))

    def _ask(self, method: str, path: str, document: object = None) -> Answer:
        try:
            answer = self._transport.ask(method, path, document)
        except (Unsent, Unanswered):
            raise NoLogs("SendGrid gave no answer") from None
        if answer.status != OK:
            raise NoLogs(f"SendGrid answered {answer.status}")
        return answer


def _is_of(slip: Slip, message: Mapping[str, object]) -> bool:
    marks = message.get("custom_args")
    wanted = (str(slip.chunk), str(slip.attempt))
    return isinstance(marks, Mapping) and (marks.get("bd_k"), marks.get("bd_a")) == wanted


def _events(message: Mapping[str, object]) -> set[str]:
    """Return the kinds of events that the logs hold of a message."""
    return {_text(each, "event") for each in _rows(message.get("events"))}


def _rows(told: object) -> list[Mapping[str, object]]:
    """Return the tables in a list; none where it is no list."""
    listed = told if isinstance(told, list) else []
    return [each for each in listed if isinstance(each, Mapping)]


def _made(campaign: str, since: datetime, until: datetime | None = None) -> str:
    spans = [f"categories IN ('{campaign}')", f"sg_message_id_created_at >= {_stamp(since)}"]
    if until is not None:
        spans.append(f"sg_message_id_created_at < {_stamp(until)}")
    return " AND ".join(spans)


def _stamp(at: datetime) -> str:
    return f'TIMESTAMP "{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"'


def _made_at(told: Mapping[str, object]) -> datetime | None:
    """Return when a message was made, in UTC; None where that cannot be read."""
    try:
        at = datetime.fromisoformat(_text(told, "sg_message_id_created_at"))
        return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _is_in(at: datetime | None, since: datetime, until: datetime) -> bool:
    return at is not None and since - SHORTEST <= at <= until + SHORTEST


def _word(campaign: str, kind: EventKind, told: Mapping[str, object], at: datetime) -> Word:
    name = _text(told, "sg_message_id")
    return Word(
        source=f"log:{name}:{kind.value}"[:100],
        kind=kind,
        at=at,
        reason=reason(told),
        campaign=campaign,
        receipt=name.partition(".")[0],
        address=_text(told, "to_email"),
    )


def _text(told: Mapping[str, object], name: str) -> str:
    """Return a text; nothing for what is none, or none that can be kept."""
    value = told.get(name)
    return value if isinstance(value, str) and can_be_kept(value) else ""

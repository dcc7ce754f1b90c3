"""Posts through SendGrid, each chunk held so that it can be called back.

SendGrid has no key against doubling. So a chunk travels in a batch of its own, to be sent
twenty minutes later. When nobody knows whether it was taken, its batch is cancelled: up to ten
minutes before that time SendGrid promises to discard it, whether it had been taken or comes
late. Then, and only then, it may be posted again, in another batch.
"""

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from breachdesk.adapters.sendgrid_request import hold, meaning, not_given, written
from breachdesk.adapters.sendgrid_transport import Transport, Unanswered, Unsent
from breachdesk.delivery.terms import Finding, Outcome, Parcel, Result, Slip, Ticket
from breachdesk.kernel.clock import Clock
from breachdesk.kernel.errors import Unusable

HOLD = timedelta(minutes=20)
LAST_CALL = timedelta(minutes=10)
"""A batch can be cancelled until so long before it is sent."""
FENCES = 8
"""SendGrid keeps ten batches cancelled at once, or a hundred: its pages differ."""
FENCE_STANDS = timedelta(minutes=10)
"""So long after its time a cancelled batch stays cancelled, for whoever posts late."""
CREATED = 201
_NAME = re.compile(r"[A-Za-z0-9_-]{1,200}")


class SendGridMailer:
    """SendGrid's v3 interface, on the host of the account's region."""

    name = "sendgrid"
    together = 8
    patience = timedelta(seconds=90)

    def __init__(self, transport: Transport, clock: Clock) -> None:
        """Post over `transport`; `clock` tells how long a batch can still be cancelled."""
        self._transport, self._clock = transport, clock
        self._lock = threading.Lock()
        self._fences: dict[str, datetime] = {}
        self._gone: set[str] = set()
        self._own: dict[tuple[UUID, int], Ticket] = {}

    def has_room(self, out: Sequence[tuple[Ticket, bool]]) -> bool:
        """Tell whether SendGrid would bear the cancellation of one request more.

        The ledger knows of every process what this one would forget when it dies. A batch that
        is past may be forgotten, and is by `prepare`.
        """
        past = self._clock.now() - FENCE_STANDS
        with self._lock:
            for ticket, is_cancelled in out:
                if is_cancelled and ticket.name not in self._gone and ticket.leaves_at:
                    self._fences[ticket.name] = ticket.leaves_at
            unknown = sum(ticket.name not in self._fences for ticket, _ in out)
            standing = sum(leaves_at > past for leaves_at in self._fences.values())
        return unknown < FENCES and standing < FENCES

    def prepare(self) -> Ticket | Outcome:
        """Return a new batch, and when what is posted in it will be sent.

        None is given while as many batches are or must be cancelled as SendGrid bears: the
        next unknown outcome could not be called back.
        """
        rest = self._rest()
        if rest is not None:
            return Outcome(Result.RETRY, until=rest, why="too many batches stand cancelled")
        try:
            answer = self._transport.ask("POST", "/v3/mail/batch")
        except (Unsent, Unanswered):
            return Outcome(Result.RETRY, why="SendGrid gave no batch id: no answer")
        name = _field(answer.document, "batch_id")
        if answer.status != CREATED or not _NAME.fullmatch(name):
            return not_given(answer, self._clock.now())
        return Ticket(name, hold(self._clock.now(), HOLD))

    def post(self, parcel: Parcel) -> Outcome:
        """Post one request. A parcel without a ticket gets one that only this process knows."""
        held = self._ticketed(parcel)
        if isinstance(held, Outcome):
            return held
        if not self._can_be_cancelled(held.slip.ticket):
            return Outcome(Result.RETRY, why="it was too late to post it in its batch")
        try:
            answer = self._transport.ask("POST", "/v3/mail/send", written(held))
        except Unusable as fault:
            return Outcome(Result.BLOCKED, why=str(fault))
        except Unsent:
            return Outcome(Result.RETRY, why="SendGrid could not be reached")
        except Unanswered:
            outcome = Outcome(Result.UNKNOWN, why="SendGrid did not answer")
        else:
            outcome = meaning(answer, self._clock.now())
        if outcome.result is Result.UNKNOWN:
            self._fence(held.slip.ticket)
        return outcome

    def recall(self, slip: Slip) -> Finding:
        """Cancel the batch. ABSENT if SendGrid took that more than ten minutes ahead."""
        ticket = slip.ticket
        if not ticket.name:
            ticket = self._own.get((slip.chunk, slip.attempt), ticket)
        if not self._can_be_cancelled(ticket):
            return Finding.CANNOT_TELL
        try:
            cancelled = self._cancel(ticket.name)
        except (Unsent, Unanswered):
            return Finding.CANNOT_TELL
        if not cancelled or not self._can_be_cancelled(ticket):
            return Finding.CANNOT_TELL
        self._fence(ticket)
        return Finding.ABSENT

    def close(self) -> None:
        """Let go of connections."""
        self._transport.close()

    def _cancel(self, batch: str) -> bool:
        """Tell whether the batch is cancelled now. SendGrid refuses to cancel it twice."""
        document = {"batch_id": batch, "status": "cancel"}
        answer = self._transport.ask("POST", "/v3/user/scheduled_sends", document)
        if answer.status == CREATED:
            return _field(answer.document, "status") in {"", "cancel"}
        answer = self._transport.ask("GET", f"/v3/user/scheduled_sends/{batch}")
        listed = answer.document if isinstance(answer.document, list) else [answer.document]
        return any(
            (_field(each, "batch_id"), _field(each, "status")) == (batch, "cancel")
            for each in listed
        )

    def _fence(self, ticket: Ticket) -> None:
        """Note a batch that is cancelled, or will be as soon as a sweeper comes by."""
        if ticket.leaves_at is not None:
            with self._lock:
                self._fences[ticket.name] = ticket.leaves_at

    def _rest(self) -> datetime | None:
        """Return until when no batch is given; None if one more could still be cancelled."""
        with self._lock:
            if len(self._fences) < FENCES:
                return None
            batch, leaves_at = min(self._fences.items(), key=lambda each: each[1])
        falls = leaves_at + FENCE_STANDS
        if self._clock.now() < falls:
            return falls
        try:
            answer = self._transport.ask("DELETE", f"/v3/user/scheduled_sends/{batch}")
        except (Unsent, Unanswered):
            return self._clock.now() + timedelta(minutes=1)
        if answer.status not in {204, 404}:
            return self._clock.now() + timedelta(minutes=1)
        with self._lock:
            self._fences.pop(batch, None)
            self._gone.add(batch)
        return None

    def _can_be_cancelled(self, ticket: Ticket) -> bool:
        leaves_at = ticket.leaves_at
        return leaves_at is not None and leaves_at - self._clock.now() > LAST_CALL

    def _ticketed(self, parcel: Parcel) -> Parcel | Outcome:
        slip = parcel.slip
        if slip.ticket.name:
            return parcel
        key = (slip.chunk, slip.attempt)
        if key in self._own:
            return Outcome(Result.RECALLED)
        ticket = self.prepare()
        if isinstance(ticket, Outcome):
            return ticket
        self._own[key] = ticket
        return replace(parcel, slip=replace(slip, ticket=ticket))


def _field(document: object, name: str) -> str:
    value = document.get(name) if isinstance(document, Mapping) else None
    return value if isinstance(value, str) else ""

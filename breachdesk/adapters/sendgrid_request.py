"""One parcel as one request to SendGrid, and what its answers mean. Pure.

The text belongs to the request, the reader's own values to each personalization, in which
one reader stands alone. Nothing is tracked: no link is rewritten, no opening is counted.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from json.encoder import encode_basestring as _quoted

from breachdesk.adapters.sendgrid_transport import Answer
from breachdesk.delivery import rules
from breachdesk.delivery.terms import Outcome, Parcel, Result, Sender
from breachdesk.kernel.errors import Unusable
from breachdesk.notices import rules as notices
from breachdesk.notices.terms import Part

ACCEPTED = 202
TOO_MANY = 429
BAD, TOO_LARGE = 400, 413
LONGEST_REST = timedelta(hours=1)
MAIL_SETTINGS = {
    "bypass_unsubscribe_management": {"enable": True},
    "bypass_spam_management": {"enable": True},
    "footer": {"enable": False},
}
"""A notice that the law asks for reaches those who opted out of advertising; an address that
is known to bounce is not tried again, and its owner is told by another way."""
TRACKING_SETTINGS = {
    "click_tracking": {"enable": False, "enable_text": False},
    "open_tracking": {"enable": False},
    "subscription_tracking": {"enable": False},
    "ganalytics": {"enable": False},
}
_MEANINGS = {
    BAD: Result.REFUSED,
    TOO_LARGE: Result.REFUSED,
    401: Result.BLOCKED,
    403: Result.BLOCKED,
}
_FIELD = re.compile(r"[a-z_]+(\.[a-z0-9_]+)*")
_PROOF = re.compile(r"[A-Za-z0-9._-]{1,100}")


def request(parcel: Parcel) -> dict[str, object]:
    """Return the body of `POST /v3/mail/send`. Raises as `written` does."""
    body: dict[str, object] = json.loads(written(parcel))
    return body


def written(parcel: Parcel) -> bytes:
    """Return the body of `POST /v3/mail/send` as it travels.

    What all readers share is written once, and the readers by one pattern: to make a thousand
    dicts of a dozen values and write them out costs several times as much. Raises Unusable for
    an address no header can hold, a tag without a value, or a header that would hold a line
    end; nothing has left then.
    """
    shared = json.dumps(_shared(parcel), ensure_ascii=False, separators=(",", ":"))
    return f'{shared[:-1]},"personalizations":[{",".join(_readers(parcel))}]}}'.encode()


def _shared(parcel: Parcel) -> dict[str, object]:
    slip = parcel.slip
    if len(parcel.subject.splitlines()) > 1:
        raise Unusable("the header Subject would hold a line end")
    body: dict[str, object] = {
        "from": _from(parcel.sender),
        "reply_to": {"email": rules.travelling(parcel.sender.reply_to)},
        "subject": parcel.subject,
        "content": [
            {"type": "text/plain", "value": parcel.text},
            {"type": "text/html", "value": parcel.html},
        ],
        "headers": {
            "Auto-Submitted": "auto-generated",
            "Content-Language": parcel.locale,
            "X-BreachDesk-Chunk": str(slip.chunk),
        },
        "categories": [slip.campaign],
        "custom_args": {
            "bd_c": slip.campaign,
            "bd_k": str(slip.chunk),
            "bd_a": str(slip.attempt),
        },
        "mail_settings": MAIL_SETTINGS,
        "tracking_settings": TRACKING_SETTINGS,
    }
    if slip.ticket.name and slip.ticket.leaves_at is not None:
        body["batch_id"] = slip.ticket.name
        body["send_at"] = int(slip.ticket.leaves_at.timestamp())
    return body


def _readers(parcel: Parcel) -> Iterator[str]:
    """Yield a personalization for each reader, written out."""
    frames = parcel.subject + parcel.text + parcel.html
    names = notices.tag_names(frames)
    tags = [
        tag
        for part in (Part.TEXT, Part.HTML)
        for tag in notices.tags_for(part, sorted(names)).values()
        if tag in frames
    ]
    pattern = '{"to":[{"email":%s}],"custom_args":{"bd_n":"%d"}'
    if tags:
        given = ",".join(
            f"{_quoted(tag)}:%s" for tag in (each.replace("%", "%%") for each in tags)
        )
        pattern += f',"substitutions":{{{given}}}'
    pattern += "}"
    for number, address, own in parcel.recipients:
        if not names <= own.keys():
            missing = min(names - own.keys())
            raise Unusable(f"the text has a tag {missing} and nobody gave it a value")
        values = notices.tag_values({name: own[name] for name in names})
        told = [_quoted(values[tag]) for tag in tags]
        yield pattern % (_quoted(rules.travelling(address)), number, *told)


def meaning(answer: Answer, now: datetime) -> Outcome:
    """Return what an answer to `POST /v3/mail/send` makes of a chunk.

    Only 202 says that it was taken, and only an answer that can follow nothing but a refusal
    says that it was not. A 400 that blames no reader blames the text, the sender or us:
    halving would refuse everybody, so it waits for a person.
    """
    status, why = answer.status, _said(answer.status)
    if status == ACCEPTED:
        name = answer.headers.get("x-message-id", "")
        return Outcome(Result.ACCEPTED, proof=name if _PROOF.fullmatch(name) else "202")
    if status == TOO_MANY:
        return Outcome(Result.RETRY, until=rest_until(answer.headers, now), why=why)
    fields = blamed(answer.document) if status == BAD else []
    if fields and not any(each.startswith("personalizations") for each in fields):
        return Outcome(Result.BLOCKED, why=f"{why}: {', '.join(fields)}")
    return Outcome(_MEANINGS.get(status, Result.UNKNOWN), why=why)


def not_given(answer: Answer, now: datetime) -> Outcome:
    """Return what it means that no batch id was given. Nothing left, so nothing is unknown."""
    status = answer.status
    if status == TOO_MANY:
        return Outcome(Result.RETRY, until=rest_until(answer.headers, now), why=_said(status))
    if BAD <= status < 500:  # noqa: PLR2004  (the class of answers that blame who asks)
        return Outcome(Result.BLOCKED, why=f"{_said(status)}: no batch id")
    return Outcome(Result.RETRY, why=f"{_said(status)}: no batch id")


def rest_until(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Return until when SendGrid wants to be left alone, if it says so; at most an hour."""
    reset, after = headers.get("x-ratelimit-reset", ""), headers.get("retry-after", "")
    if reset.isascii() and reset.isdigit():
        wanted = timedelta(seconds=min(int(reset), 1 << 40) - now.timestamp())
    elif after.isascii() and after.isdigit():
        wanted = timedelta(seconds=min(int(after), 1 << 20))
    else:
        return None
    if wanted <= timedelta(0):
        return None
    return now + min(wanted, LONGEST_REST)


def blamed(document: object) -> list[str]:
    """Return the fields that an answer blames; empty where it blames none of them by name."""
    if not isinstance(document, Mapping) or not isinstance(document.get("errors"), list):
        return []
    fields = [
        each.get("field") if isinstance(each, Mapping) else None for each in document["errors"]
    ]
    named = [each for each in fields if isinstance(each, str) and _FIELD.fullmatch(each)]
    return sorted(set(named)) if len(named) == len(fields) else []


def ascii_name(name: str) -> str:
    """Return a sender's name without accents: SendGrid takes no other letters there."""
    plain = unicodedata.normalize("NFKD", name.replace("’", "'"))
    kept = plain.encode("ascii", "ignore").decode()
    return " ".join("".join(each if each.isprintable() else " " for each in kept).split())


def _from(sender: Sender) -> dict[str, str]:
    name = ascii_name(sender.name)
    return {"email": rules.travelling(sender.address), **({"name": name} if name else {})}


def _said(status: int) -> str:
    return f"SendGrid answered {status}"


def hold(now: datetime, by: timedelta) -> datetime:
    """Return an instant so much ahead, in whole seconds, as SendGrid counts."""
    return (now + by).astimezone(UTC).replace(microsecond=0)

"""What a reminder says, in the reader's language and zone."""

import json
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from breachdesk.kernel.times import HOUR
from breachdesk.obligations.rules.words import said
from breachdesk.reminders.terms import Call, Letter

SPACE = "\N{NO-BREAK SPACE}"
MINUTE = timedelta(minutes=1)
HOURS_UNTIL_DAYS = 100
DAY_WORD = {"fr": "j", "en": "d"}
_TAG = re.compile(r"-(?=bd[th]\.)")


def letter(call: Call, now: datetime) -> Letter:
    """Return the values of the text of `call`."""
    obligation, language = call.clock.obligation, call.person.language
    zone = ZoneInfo(call.person.zone)
    late = now > call.due
    return Letter(
        language=language,
        name=call.person.name,
        duty=obligation.label[language],
        code=obligation.duty,
        article=_article(obligation.article, language),
        addressee=obligation.addressee_label[language],
        reference=call.clock.reference,
        title=call.clock.title,
        drill=call.clock.drill,
        left=remaining(abs(call.due - now), language),
        late=late,
        reasons_owed=obligation.asks_for_reasons(now),
        due=f"{said(call.due, zone, language)}, {zone.key}",
        escalated=call.escalated,
        corrected=call.corrected,
        again=call.again,
    )


def announcement(call: Call, now: datetime, reminder: UUID) -> str:
    """Return what a desk elsewhere is told, as JSON: codes, instants, no title, no person.

    `id` is the reminder's own: whoever hears it twice hears the same reminder.
    """
    obligation = call.clock.obligation
    told = {
        "schema": 1,
        "type": "breachdesk.reminder",
        "id": str(reminder),
        "at": _stamp(now),
        "incident": {"reference": call.clock.reference, "drill": call.clock.drill},
        "duty": obligation.duty,
        "article": obligation.article,
        "label": dict(obligation.label),
        "addressee": obligation.addressee,
        "due": _stamp(call.due),
        "seconds_left": int((call.due - now).total_seconds()),
        "late": now > call.due,
        "reasons_owed": obligation.asks_for_reasons(now),
        "step": call.step.code,
        "corrected": call.corrected,
        "again": call.again,
        "path": f"/incidents/{call.clock.reference}",
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def remaining(span: timedelta, language: str) -> str:
    """Return a span as people say it: elapsed time, to the minute, never rounded up."""
    hours, rest = divmod(span, HOUR)
    minutes = rest // MINUTE
    if hours >= HOURS_UNTIL_DAYS:
        days, hours = divmod(hours, 24)
        return f"{days}{SPACE}{DAY_WORD[language]} {hours}{SPACE}h"
    if hours:
        return f"{hours}{SPACE}h {minutes:02}{SPACE}min"
    return f"{minutes}{SPACE}min"


def harmless(text: str) -> str:
    """Return `text` in which nothing typed by people passes for a tag of a letter."""
    return _TAG.sub("\N{NON-BREAKING HYPHEN}", text)


def one_line(text: str) -> str:
    """Return `text` as a header can hold it: what is not seen becomes a space."""
    seen = (each if each.isprintable() or each == SPACE else " " for each in text)
    return "".join(seen).strip(" ")


def _article(article: str, language: str) -> str:
    return article.replace("GDPR", "RGPD") if language == "fr" else article

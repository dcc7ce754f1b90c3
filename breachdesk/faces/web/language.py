"""How instants, spans and numbers are written in the language and zone of the reader."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from babel.dates import format_datetime
from babel.numbers import format_decimal
from flask import Flask, request
from flask_babel import get_locale
from flask_babel import gettext as _
from markdown_it import MarkdownIt
from markupsafe import Markup

from breachdesk.access.terms import LANGUAGES
from breachdesk.faces.web import writing
from breachdesk.faces.web.visit import now, visitor

MINUTE = timedelta(minutes=1)
SOON = timedelta(days=1)
HOURS_UNTIL_DAYS = 100
ZONES = tuple(
    sorted(
        name
        for name in available_timezones()
        if name.startswith(("Europe/", "America/", "Indian/", "Pacific/", "Africa/", "Asia/"))
    )
)
_CODE = re.compile(r" \([a-z]+(?:_[a-z]+)+\)")
_markdown = MarkdownIt("js-default").disable("image")
LAWS_IN_FRENCH = (
    ("GDPR", "RGPD"),
    ("CNIL practice; ", "pratique de la CNIL, "),
    ("Contract; ", "contrat, "),
)


def chosen() -> str:
    """Return the language of the member, else the best that the browser asks for."""
    found = visitor()
    if found is not None:
        return found.language
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def speak(app: Flask) -> None:
    """Give every page its words: instants, spans, numbers, the member, the language."""
    app.add_template_filter(article)
    app.add_template_filter(fact)
    app.add_template_filter(instant)
    app.add_template_filter(markdown)
    app.add_template_filter(number)
    app.add_template_filter(quoted)
    app.add_template_filter(soon)
    app.add_template_filter(span)
    app.add_template_filter(spoken)
    app.add_template_filter(without_codes)
    app.context_processor(
        lambda: {
            "language": chosen(),
            "visitor": visitor(),
            "now": now(),
            "script_words": {**clock_words(), "writing": writing.words()},
        }
    )


def zone() -> ZoneInfo:
    """Return the zone in which this page tells the time."""
    found = visitor()
    return ZoneInfo(found.zone if found else "UTC")


def instant(at: datetime, *, brief: bool = False) -> Markup:
    """Write an instant in the reader's zone with its offset, as a machine can read it too."""
    local = at.astimezone(zone())
    pattern = "EEE d MMM, HH:mm" if brief else "EEE d MMM y, HH:mm"
    words = format_datetime(local, pattern, locale=get_locale()).replace(
        " ", "\N{NO-BREAK SPACE}", 2
    )
    return Markup('<time datetime="{}">{} <span class="zone">{}</span></time>').format(
        at.isoformat(), words, offset(local)
    )


def offset(local: datetime) -> str:
    """Return the offset of a local time, such as UTC+1 or UTC-3:30."""
    minutes = int((local.utcoffset() or timedelta()) / MINUTE)
    hours, rest = divmod(abs(minutes), 60)
    sign = "+" if minutes >= 0 else "\N{MINUS SIGN}"
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "") if minutes else "UTC"


def article(text: str) -> str:
    """Write an article of the law as the reader's language calls the law."""
    if chosen() == "fr":
        for english, french in LAWS_IN_FRENCH:
            text = text.replace(english, french)
    return text


def fact(value: object) -> str | Markup:
    """Write the value of a fact, whatever its kind."""
    if value is None or value == "":
        return str(_("not known yet"))
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return str(value)
    return instant(at, brief=True) if at.tzinfo else str(value)


def without_codes(text: str) -> str:
    """Return a sentence of the law without the names that its facts have in files."""
    return _CODE.sub("", text)


def markdown(text: str) -> Markup:
    """Return Markdown as HTML; HTML inside it stays text."""
    return Markup(_markdown.render(text))  # noqa: S704  (its renderer escapes: it knows no HTML)


def quoted(text: str) -> str | Markup:
    """Return a text that stands in English alone; for other readers as a quotation."""
    if chosen() == "en":
        return text
    return Markup('<span class="faint">{}</span> <q lang="en">{}</q>').format(
        _("as the pack quotes it, in English:"), text
    )


def number(count: float) -> str:
    """Write a number as the reader writes it."""
    return str(format_decimal(count, locale=get_locale()))


def soon(due: datetime) -> bool:
    """Tell whether less than a day is left until `due`."""
    return due - now() < SOON


def span(due: datetime) -> str:
    """Say how long is left until `due`, or how long ago it was."""
    left = due - now()
    minutes = int(abs(left) / MINUTE)
    words = clock_words()
    hours, minute = divmod(minutes, 60)
    if hours >= HOURS_UNTIL_DAYS:
        days, hour = divmod(hours, 24)
        text = words["days"].replace("{d}", number(days)).replace("{h}", str(hour))
    elif hours:
        text = words["hours"].replace("{h}", str(hours)).replace("{m}", f"{minute:02}")
    else:
        text = words["minutes"].replace("{m}", str(minute))
    return words["late" if left < timedelta() else "left"].replace("{span}", text)


def clock_words() -> dict[str, str]:
    """Return the words of a countdown; the script in the page writes with the same."""
    return {
        "days": _("{d} d {h} h"),
        "hours": _("{h} h {m} min"),
        "minutes": _("{m} min"),
        "left": _("{span} left"),
        "late": _("{span} late"),
    }


def spoken(texts: dict[str, str]) -> str:
    """Return a text of the law or of a station in the reader's language."""
    return texts.get(chosen()) or next(iter(texts.values()), "")

"""A draft as plain texts in the language of its form, for a document on paper."""

from datetime import UTC
from typing import Any

from breachdesk.filings.rules import showing, speeches
from breachdesk.filings.rules.speech import Speech
from breachdesk.filings.terms import Draft, Field, Form, Section

_COLUMNS = ("field", "to type", "origin", "copied")


def paper(form: Form, draft: Draft, zone: str) -> dict[str, Any]:
    """Return what a paper draft is set from; like the page, a complement shows what changed."""
    page: dict[str, Any] = showing.page(form, draft, zone)
    speech, at = speeches.of(form), draft.drafted_at.astimezone(UTC)
    title, moment, clock = page["title"], page["drafted_at"], page["clock"]
    number = speech.say("draft number", number=draft.number, moment=moment, clock=clock)
    clean = page["clean"]
    return {
        "language": speech.language,
        "clean": clean,
        "words": {**speech.said, **({"required mark": ""} if clean else {})},
        "title": f"{title}\u00a0– {draft.reference}",
        "author": _company(draft),
        "date": [at.year, at.month, at.day, at.hour, at.minute, at.second],
        "about": [
            [speech.say("incident"), draft.reference],
            [speech.say("company"), _company(draft)],
            [speech.say("edition" if clean else "draft"), number],
            *([] if clean else [[speech.say("form"), f"{form.id}, version {form.version}"]]),
            [speech.say("digest"), draft.digest],
        ],
        "foot": speech.say(
            "clean foot" if clean else "foot",
            reference=draft.reference,
            number=draft.number,
            form=form.id,
        ),
        "digest": draft.digest,
        "advice": [] if clean else _advice(speech, page, form),
        "lacking": page["lacking"],
        "missing": [
            speech.say("lacks in", section=each.section, label=each.label, whom=whom)
            for each in page["missing"]
            for whom in (page["whom"][each.code],)
        ],
        "complete": _complete(speech, page),
        "sections": [
            _part(speech, page, part["section"], part["fields"], part["aside"])
            for part in page["sections"]
            if part["fields"] or part["aside"]
        ],
    }


def _advice(speech: Speech, page: dict[str, Any], form: Form) -> list[str]:
    channel = _channel(page, form)
    names = ["handed"] if form.handed else ["copy"]
    return [speech.say(each, channel=channel) for each in ("prepares", *names, "decide")]


def _channel(page: dict[str, Any], form: Form) -> str:
    return ", ".join(filter(None, (page["channel"], form.address)))


def _company(draft: Draft) -> str:
    return next((f.text for f in draft.fields if f.code == "controller.legal_name"), "")


def _complete(speech: Speech, page: dict[str, Any]) -> str:
    if not page["whole"] and not page["before"]:
        return speech.say("unchanged")
    return "" if page["missing"] or page["clean"] else speech.say("whole")


def _part(
    speech: Speech,
    page: dict[str, Any],
    section: Section,
    fields: list[Field],
    aside: list[str],
) -> dict[str, Any]:
    columns = [speech.say(each) for each in _COLUMNS]
    if not page["whole"]:
        columns.insert(1, speech.say("before"))
    beside = speech.semicolon.join(aside)
    return {
        "title": f"{section.number}. {section.label}",
        "columns": columns,
        "rows": [_row(speech, page, each) for each in fields],
        "aside": speech.say("aside", labels=beside) if aside else "",
    }


def _row(speech: Speech, page: dict[str, Any], field: Field) -> dict[str, Any]:
    before = page["before"].get(field.code, "")
    empty = speech.say("taken out" if before else "optional")
    lacks = speech.say("lacks", whom=page["whom"][field.code])
    confirm = [speech.say("confirm")] if field.proposed and field.text else []
    return {
        "label": field.label,
        "required": field.required and not page["clean"],
        "before": before,
        "text": field.text,
        "empty": "" if field.text or field.missing else empty,
        "lacks": lacks if field.missing else "",
        "notes": [] if page["clean"] else [*field.notes, *confirm],
        "origin": page["origins"][field.code],
    }

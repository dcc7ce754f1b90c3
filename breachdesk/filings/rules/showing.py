"""A draft as a program reads it, and as the page for copying shows it."""

from dataclasses import asdict
from typing import Any

from breachdesk.filings.rules import speeches
from breachdesk.filings.rules.speech import Speech
from breachdesk.filings.terms import FOLLOWING, Draft, Form, Source, Words


def document(form: Form, draft: Draft) -> dict[str, Any]:
    """Return the draft for a program: every field, the codes missing, and whom to ask."""
    return {
        "reference": draft.reference,
        "authority": draft.authority,
        "form": draft.form,
        "version": form.version,
        "kind": draft.kind.value,
        "number": draft.number,
        "digest": draft.digest,
        "drafted_at": draft.drafted_at.isoformat(),
        "fields": [asdict(each) for each in draft.fields],
        "titles": {section.number: section.label for section in form.sections},
        "missing": [each.code for each in draft.missing],
        "to_ask": [
            {
                "section": each.section,
                "code": each.code,
                "label": each.label,
                "ask": asdict(form.asks[each.ask]),
            }
            for each in draft.missing
        ],
        "changes": [asdict(each) for each in draft.changes],
    }


def page(form: Form, draft: Draft, zone: str) -> dict[str, object]:
    """Return what the page for copying is rendered from; a complement shows what changed.

    Times are those of the form's own zone, else of `zone`.
    """
    speech, zone = speeches.of(form), form.zone or zone
    before = {each.code: each.before for each in draft.changes}
    whole = draft.kind not in FOLLOWING
    shown = [
        each
        for each in draft.fields
        if each.applies and (whole or each.section == 1 or each.code in before)
    ]
    missing = [each for each in draft.missing if whole or each in shown]
    proposed = [each for each in shown if each.proposed]
    clean = form.handed and whole and not missing and not proposed
    if clean:
        shown = [each for each in shown if each.text]
    return {
        "form": form,
        "draft": draft,
        "whole": whole,
        "clean": clean,
        "language": speech.language,
        "words": speech.said,
        "colon": speech.colon,
        "semicolon": speech.semicolon,
        "title": _in(speech, form.title),
        "channel": _in(speech, form.channel),
        "drafted_at": speech.moment(draft.drafted_at, zone),
        "clock": speech.clock(zone),
        "sections": [
            {
                "section": section,
                "fields": [each for each in shown if each.section == section.number],
                "aside": [
                    each.label
                    for each in draft.fields
                    if whole
                    and not clean
                    and each.section == section.number
                    and not each.applies
                ],
            }
            for section in form.sections
        ],
        "before": before,
        "titles": {section.number: section.label for section in form.sections},
        "missing": missing,
        "lacking": _lacking(speech, len(missing)),
        "whom": {each.code: _in(speech, form.asks[each.ask]) for each in draft.fields},
        "proposed": proposed,
        "origins": {each.code: origin(speech, each.source) for each in draft.fields},
    }


def origin(speech: Speech, source: str) -> str:
    """Return where a value comes from."""
    if source.startswith(f"{Source.TYPED.value} by "):
        return speech.say("typed by", by=source.removeprefix(f"{Source.TYPED.value} by "))
    known, _, by = source.partition(", confirmed by ")
    said = speech.say(f"source {known}")
    return speech.say("confirmed by", source=said, by=by) if by else said


def _in(speech: Speech, words: Words) -> str:
    return speech.text({"fr": words.fr, "en": words.en})


def _lacking(speech: Speech, count: int) -> str:
    return speech.say("lacking one") if count == 1 else speech.say("lacking", count=count)

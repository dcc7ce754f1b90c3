"""A draft as a program reads it, and as the page for copying shows it."""

from dataclasses import asdict
from typing import Any

from breachdesk.filings.rules import wording
from breachdesk.filings.terms import FOLLOWING, Draft, Form, Source

_ORIGINS = {
    Source.FACT.value: "faits de l’incident",
    Source.SCOPE.value: "mesure du périmètre",
    Source.DELIVERY.value: "envois aux personnes",
    Source.MEASURE.value: "mesures consignées",
    Source.RISK.value: "évaluation du risque",
    Source.DATAMAP.value: "cartographie des données",
    Source.NOTICE.value: "message aux personnes",
    Source.OBLIGATION.value: "obligations",
    Source.FILING.value: "dépôt",
    Source.NOBODY.value: "",
}


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
    """Return what the page for copying is rendered from; a complement shows what changed."""
    before = {each.code: each.before for each in draft.changes}
    whole = draft.kind not in FOLLOWING
    shown = [
        each
        for each in draft.fields
        if each.applies and (whole or each.section == 1 or each.code in before)
    ]
    return {
        "form": form,
        "draft": draft,
        "whole": whole,
        "drafted_at": wording.moment(draft.drafted_at, zone),
        "clock": wording.clock(zone),
        "sections": [
            {
                "section": section,
                "fields": [each for each in shown if each.section == section.number],
                "aside": [
                    each.label
                    for each in draft.fields
                    if whole and each.section == section.number and not each.applies
                ],
            }
            for section in form.sections
        ],
        "before": before,
        "titles": {section.number: section.label for section in form.sections},
        "missing": [each for each in draft.missing if whole or each in shown],
        "proposed": [each for each in shown if each.proposed],
        "origins": {each.code: origin(each.source) for each in draft.fields},
    }


def origin(source: str) -> str:
    """Return where a value comes from, in French."""
    if source.startswith(f"{Source.TYPED.value} by "):
        return f"saisi par {source.removeprefix(f'{Source.TYPED.value} by ')}"
    known, _, by = source.partition(", confirmed by ")
    said = _ORIGINS[known]
    return f"{said}, confirmé par {by}" if by else said

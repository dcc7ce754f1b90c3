"""A draft as plain French texts, for a document on paper."""

from datetime import UTC
from typing import Any

from breachdesk.filings.rules import showing, wording
from breachdesk.filings.terms import Draft, Field, Form, Section

_PREPARES = "Ce document prépare le dépôt, il ne le remplace pas"
_COPY = (
    "Recopiez chaque champ dans l’ordre, cochez-le, puis consignez dans BreachDesk le numéro "
    "que l’autorité aura attribué. Les réponses marquées «\u00a0à confirmer\u00a0» découlent "
    "des faits connus\u00a0: relisez-les avant de les reprendre."
)
_DECIDE = (
    "La décision de notifier et le contenu du dépôt restent de la responsabilité de "
    "l’organisme."
)
_COLUMNS = ["Champ", "À saisir", "Origine", "Copié"]
_BEFORE = "Dépôt précédent"
_WHOLE = "Toutes les réponses obligatoires sont là."
_UNCHANGED = "Rien n’a changé depuis le dernier dépôt connu."


def paper(form: Form, draft: Draft, zone: str) -> dict[str, Any]:
    """Return what a paper draft is set from; like the page, a complement shows what changed."""
    page: dict[str, Any] = showing.page(form, draft, zone)
    at, colon = draft.drafted_at.astimezone(UTC), f"{wording.NBSP}:"
    return {
        "title": f"{form.title.fr}{wording.NBSP}– {draft.reference}",
        "author": _company(draft),
        "date": [at.year, at.month, at.day, at.hour, at.minute, at.second],
        "about": [
            ["Incident", draft.reference],
            ["Organisme", _company(draft)],
            [
                "Brouillon",
                f"nº {draft.number}, établi le {page['drafted_at']} ({page['clock']})",
            ],
            ["Formulaire", f"{form.id}, version {form.version}"],
            ["Empreinte", draft.digest],
        ],
        "foot": f"{draft.reference}, brouillon nº {draft.number}, formulaire {form.id}",
        "digest": draft.digest,
        "advice": [f"{_PREPARES}{colon} {_channel(form)}.", _COPY, _DECIDE],
        "lacking": _lacking(len(page["missing"])),
        "missing": [
            f"Section {each.section}, {each.label} (à demander{colon} {form.asks[each.ask].fr})"
            for each in page["missing"]
        ],
        "complete": _complete(page),
        "sections": [
            _part(form, page, part["section"], part["fields"], part["aside"])
            for part in page["sections"]
            if part["fields"] or part["aside"]
        ],
    }


def _channel(form: Form) -> str:
    return ", ".join(filter(None, (form.channel.fr, form.address)))


def _company(draft: Draft) -> str:
    return next((f.text for f in draft.fields if f.code == "controller.legal_name"), "")


def _lacking(count: int) -> str:
    return "Il manque une réponse" if count == 1 else f"Il manque {count} réponses"


def _complete(page: dict[str, Any]) -> str:
    if not page["whole"] and not page["before"]:
        return _UNCHANGED
    return "" if page["missing"] else _WHOLE


def _part(
    form: Form, page: dict[str, Any], section: Section, fields: list[Field], aside: list[str]
) -> dict[str, Any]:
    columns = _COLUMNS if page["whole"] else [_COLUMNS[0], _BEFORE, *_COLUMNS[1:]]
    beside = f"{wording.NBSP}; ".join(aside)
    return {
        "title": f"{section.number}. {section.label}",
        "columns": columns,
        "rows": [_row(form, page, each) for each in fields],
        "aside": f"Sans objet ici{wording.NBSP}: {beside}." if aside else "",
    }


def _row(form: Form, page: dict[str, Any], field: Field) -> dict[str, Any]:
    before = page["before"].get(field.code, "")
    empty = "retiré depuis le dernier dépôt" if before else "sans réponse (facultatif)"
    asked = form.asks[field.ask].fr
    return {
        "label": field.label,
        "required": field.required,
        "before": before,
        "text": field.text,
        "empty": "" if field.text or field.missing else empty,
        "lacks": f"Manque (à demander{wording.NBSP}: {asked})" if field.missing else "",
        "notes": [*field.notes, *(["À confirmer"] if field.proposed and field.text else [])],
        "origin": page["origins"][field.code],
    }

"""How a cell of the register reads in French: codes in words, one entry a line."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from breachdesk.filings.terms import Form
from breachdesk.register.terms import Cell, Reader

NBSP = "\u00a0"
NONE = "–"
INSTANTS = frozenset(
    {"occurred_from", "occurred_to", "detected_at", "reported_internally_at", "aware_at",
     "closed_at", "sa_due_at"}
)  # fmt: skip
"""Columns that hold an instant."""
LISTS = {
    "natures": ("natures",),
    "kinds": ("origins",),
    "causes": ("causes",),
    "data_categories": ("data_categories",),
    "special_categories": ("special_categories",),
    "people_categories": ("people_categories",),
    "consequences": (
        "consequences_confidentiality",
        "consequences_integrity",
        "consequences_availability",
    ),
    "harms": ("harms",),
    "severity": ("severities",),
    "subjects_decision": ("communication_statuses",),
    "subjects_ground": ("no_inform_grounds",),
}
"""In which lists of the form the codes of a column stand."""
_EXACTNESS = {
    "exact": "exact",
    "approximate": "approximatif",
    "unknown": "inconnu",
    "typed": "saisi par une personne",
}
WORDS: Mapping[str, Mapping[str, str]] = {
    "status": {"open": "ouvert", "closed": "clos"},
    "role": {
        "controller": "responsable du traitement",
        "joint_controller": "responsable conjoint du traitement",
        "processor": "sous-traitant",
    },
    "people_count_exactness": _EXACTNESS,
    "record_count_exactness": _EXACTNESS,
    "likelihood": {
        "negligible": "négligeable",
        "limited": "limitée",
        "significant": "importante",
        "maximal": "maximale",
    },
    "risk_conclusion": {
        "unlikely": "risque improbable",
        "risk": "risque",
        "high": "risque élevé",
    },
    "sa_decision": {
        "notified": "notifiée",
        "not_required": "non requise",
        "not_notified": "non notifiée, avec motifs",
        "to_notify": "à notifier",
        "undecided": "non décidée",
    },
}
"""What the codes of the other columns are called."""
_STATES = {"open": "en attente", "met": "remplie", "late": "en retard", "waived": "écartée"}
_KINDS = {
    "initial": "notification initiale",
    "complementary": "notification complémentaire",
    "complete": "notification complète",
}
_AUDIENCES = {"people": "personnes", "customers": "clients", "staff": "personnel"}
_PARTS = {
    "state": "état",
    "due": "échéance",
    "done_at": "fait le",
    "evidence": "preuve",
    "waived_for": "écartée parce que",
    "number": "numéro",
    "filed_at": "déposée le",
    "file_digest": "empreinte de l’accusé",
    "first_at": "premier envoi",
    "last_at": "dernier envoi",
    "text_digest": "empreinte du texte",
    "people": "personnes",
    "accepted": "acceptés par le prestataire d’envoi",
    "delivered": "remis",
    "bounced": "revenus en erreur",
    "dropped": "écartés par le prestataire d’envoi",
    "in_doubt": "incertains",
    "not_informed": "personnes non informées",
}
"""What the parts of an entry are called, in the order in which they are said."""


def labels(form: Form) -> dict[str, dict[str, str]]:
    """Return what a form calls the codes of the register's columns."""
    return {
        column: {
            choice.code: choice.label
            for name in names
            for choice in reversed(form.lists.get(name, ()))
        }
        for column, names in LISTS.items()
    }


def said(column: str, cell: Cell, reader: Reader) -> str:
    """Return a cell as a person reads it; a dash where there is nothing."""
    match cell:
        case None | "" | []:
            return NONE
        case bool():
            return "oui" if cell else "non"
        case int():
            return number(cell)
        case str():
            return moment(cell, reader) if column in INSTANTS else _word(column, cell, reader)
    if column == "journal":
        return "\n".join(
            f"{moment(str(each['at']), reader)}, {each['by']}{NBSP}: {each['action']}"
            for each in cell
            if isinstance(each, dict)
        )
    return "\n".join(
        _entry(each, reader) if isinstance(each, dict) else _word(column, each, reader)
        for each in cell
    )


def moment(told: str, reader: Reader) -> str:
    """Return an instant on the reader's clock, to the minute."""
    at = datetime.fromisoformat(told).astimezone(ZoneInfo(reader.zone)).isoformat()
    return f"{at[8:10]}/{at[5:7]}/{at[:4]} à {at[11:16]}"


def local(told: str, reader: Reader) -> datetime:
    """Return an instant as the reader's clock showed it, without its zone."""
    return datetime.fromisoformat(told).astimezone(ZoneInfo(reader.zone)).replace(tzinfo=None)


def number(count: int) -> str:
    """Return a number with its thousands apart."""
    return f"{count:,}".replace(",", "\u202f")


def _word(column: str, code: str, reader: Reader) -> str:
    """Return what a code is called; the code itself where nothing names it."""
    if column in LISTS:
        return reader.labels.get(column, {}).get(code, code)
    return WORDS.get(column, {}).get(code, code)


def _entry(entry: Mapping[str, str | int | None], reader: Reader) -> str:
    """Return one entry of many: a duty, a letter or a filing."""
    parts = [
        f"{name}{NBSP}: {_value(part, entry[part], reader)}"
        for part, name in _PARTS.items()
        if entry.get(part) not in (None, "", 0)
    ]
    return f"{_head(entry, reader)}{NBSP}; ".removesuffix(f"{NBSP}; ") + (
        f"{NBSP}– {', '.join(parts)}" if parts else ""
    )


def _head(entry: Mapping[str, str | int | None], reader: Reader) -> str:
    """Return what an entry is about."""
    if "duty" in entry:
        article = str(entry["article"]).replace("GDPR", "RGPD")
        return f"{reader.duties.get(str(entry['duty']), str(entry['duty']))} ({article})"
    if "authority" in entry:
        kind = str(entry["kind"])
        return f"{str(entry['authority']).upper()}, {_KINDS.get(kind, kind)}"
    audience = str(entry["audience"])
    return f"message ({_AUDIENCES.get(audience, audience)})"


def _value(part: str, value: str | int | None, reader: Reader) -> str:
    if isinstance(value, int):
        return number(value)
    told = str(value)
    if part == "state":
        return _STATES.get(told, told)
    return moment(told, reader) if part.endswith("_at") or part == "due" else told

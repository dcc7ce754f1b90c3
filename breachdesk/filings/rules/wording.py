"""How a value reads in French, as it is typed into the form."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import Locale

from breachdesk.filings.terms import Choice, Chronology, FieldKind, Question, Taken, Value

NBSP = "\u00a0"
THIN = "\u202f"
_FRENCH = Locale("fr")
_PARIS = "Europe/Paris"


def text(question: Question, choices: Sequence[Choice], value: Value | None, zone: str) -> str:
    """Return `value` as the reader types it; empty where there is none."""
    match value:
        case None:
            return ""
        case bool():
            return "Oui" if value else "Non"
        case int():
            return str(value)
        case dict():
            return people_by_country(value)
    words = [value] if isinstance(value, str) else value
    if choices:
        labels = {choice.code: choice.label for choice in choices}
        return "\n".join(labels.get(code, code) for code in words)
    return "\n".join(_of_text(question.kind, word, zone) for word in words)


def _of_text(kind: FieldKind, value: str, zone: str) -> str:
    if kind is FieldKind.INSTANT:
        return moment(datetime.fromisoformat(value), zone)
    if kind is FieldKind.DATE:
        return day(date.fromisoformat(value))
    if kind is FieldKind.COUNTRY:
        return country(value)
    return value


def country(code: str) -> str:
    """Return the French name of a country by its ISO 3166-1 code; the code if it has none."""
    return str(_FRENCH.territories.get(code.upper(), code))


def people_by_country(counts: Mapping[str, int]) -> str:
    """Return people by country, the most numerous first, one a line."""
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return "\n".join(f"{country(code)}{NBSP}: {count}" for code, count in ordered)


def quoted(text: str) -> str:
    """Return a text between French quotation marks."""
    return f"«{NBSP}{text}{NBSP}»"


def day(on: date) -> str:
    """Return a day as French forms want it."""
    return on.strftime("%d/%m/%Y")


def moment(at: datetime, zone: str) -> str:
    """Return an instant on the clock of `zone`, to the minute."""
    return at.astimezone(ZoneInfo(zone)).strftime("%d/%m/%Y à %H:%M")


def clock(zone: str) -> str:
    """Return the French name of a zone's clock."""
    return "heure de Paris" if zone == _PARIS else f"fuseau {zone}"


def number(count: int) -> str:
    """Return a number with its thousands apart, for a sentence."""
    return f"{count:,}".replace(",", THIN)


def counted(count: int, one: str, many: str) -> str:
    """Return a number and its noun; French says one for zero too."""
    return f"{number(count)}{NBSP}{one if count in {0, 1} else many}"


def listed(words: Iterable[str]) -> str:
    """Return words as a French sentence lists them."""
    *first, last = [*words] or [""]
    return f"{', '.join(first)} et {last}" if first else last


def measures(taken: Sequence[Taken], zone: str) -> str:
    """Return measures one a line, each with when it was done or is planned for."""
    return "\n".join(_measure(each, zone) for each in taken)


def _measure(taken: Taken, zone: str) -> str:
    """Return one measure; its date goes before the full stop that ends it."""
    when = _when(taken, zone)
    if not when or not taken.text.endswith("."):
        return f"– {taken.text}{when}"
    return f"– {taken.text.removesuffix('.')}{when}."


def _when(taken: Taken, zone: str) -> str:
    if taken.done_at is not None:
        return f" (fait le {moment(taken.done_at, zone)})"
    if taken.planned_for is not None:
        return f" (prévu pour le {moment(taken.planned_for, zone)})"
    return ""


def comment(chronology: Chronology) -> str:
    """Return what is to be said of the four instants; empty where only awareness is known."""
    zone, said = chronology.zone, []
    if chronology.detected_at is not None:
        said.append(
            f"Premier signe technique relevé le {moment(chronology.detected_at, zone)}."
        )
    if chronology.aware_at is not None and chronology.detected_at is not None:
        said.append(
            "La violation de données a été établie avec un degré raisonnable de certitude le "
            f"{moment(chronology.aware_at, zone)}{NBSP}: le délai de "
            f"72{NBSP}heures court à compter de cet instant."
        )
    if chronology.qualified_at is not None:
        said.append(
            f"Violation qualifiée en interne le {moment(chronology.qualified_at, zone)}."
        )
    if said:
        said.append(f"Les heures indiquées sont celles de{_of_clock(zone)}.")
    return " ".join(said)


def _of_clock(zone: str) -> str:
    return " Paris" if zone == _PARIS else f" la zone {zone}"


def discovery(chronology: Chronology) -> str:
    """Return how the breach came to light as far as instants tell; empty where they do not."""
    detected, aware = chronology.detected_at, chronology.aware_at
    if detected is None or aware is None:
        return ""
    zone = chronology.zone
    if detected == aware:
        return (
            "L’incident a été détecté et la violation de données à caractère personnel établie "
            f"au même instant, le {moment(aware, zone)}."
        )
    return (
        f"Un premier signe technique a été relevé le {moment(detected, zone)}. Les "
        f"vérifications ont permis d’établir, le {moment(aware, zone)}, avec un degré "
        "raisonnable de certitude, que des données à caractère personnel étaient concernées."
    )

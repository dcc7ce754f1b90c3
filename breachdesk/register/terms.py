"""Words of the register: its columns, and what a line is written from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from breachdesk.filings.terms import Field
from breachdesk.obligations.terms import Obligation

Cell = str | int | bool | None | list[str] | list[dict[str, str | int | None]]
Row = dict[str, Cell]
"""One line of the register: a cell for every column, instants in ISO 8601, choices as codes."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its code, and what it is called."""

    code: str
    fr: str
    en: str


COLUMNS = tuple(
    Column(*words)
    for words in (
        ("number", "Numéro", "Number"),
        ("title", "Intitulé", "Title"),
        ("status", "État", "Status"),
        ("drill", "Exercice", "Drill"),
        ("role", "Qualité de l’organisme", "Role of the organisation"),
        ("occurred_from", "Début", "Began"),
        ("occurred_to", "Fin", "Ended"),
        ("ongoing", "Toujours en cours", "Still going on"),
        ("estimated", "Dates estimées", "Dates are estimates"),
        ("detected_at", "Détection", "Detected"),
        ("reported_internally_at", "Signalement interne", "Reported internally"),
        ("aware_at", "Prise de connaissance", "Aware"),
        ("aware_decided_by", "Instant fixé par", "Instant decided by"),
        ("aware_reason", "Pourquoi cet instant", "Why this instant"),
        ("discovery_source", "Circonstances de la découverte", "How it was discovered"),
        ("facts", "Faits", "Facts"),
        ("systems_and_locations", "Systèmes concernés", "Systems concerned"),
        ("natures", "Nature de la violation", "Nature"),
        ("kinds", "Origine", "Kind"),
        ("causes", "Cause", "Cause"),
        ("data_categories", "Données concernées", "Data categories"),
        ("special_categories", "Données sensibles", "Special categories"),
        ("people_categories", "Catégories de personnes", "Categories of people"),
        ("people_count", "Nombre de personnes", "People"),
        ("people_count_exactness", "Exactitude du nombre de personnes", "Exactness of people"),
        ("record_count", "Nombre d’enregistrements", "Records"),
        (
            "record_count_exactness",
            "Exactitude du nombre d’enregistrements",
            "Exactness of records",
        ),
        ("consequences", "Conséquences", "Consequences"),
        ("harms", "Préjudices potentiels", "Possible harms"),
        ("severity", "Gravité", "Severity"),
        ("likelihood", "Vraisemblance", "Likelihood"),
        ("risk_conclusion", "Niveau de risque", "Level of risk"),
        ("risk_reasoning", "Motifs du niveau de risque", "Reasons for the level of risk"),
        ("measures_before", "Mesures préalables", "Measures before"),
        ("measures_after", "Mesures prises ou prévues", "Measures taken or planned"),
        ("sa_decision", "Notification à l’autorité", "Notification to the authority"),
        ("sa_reason", "Motif (autorité)", "Reason (authority)"),
        ("sa_filings", "Dépôts", "Filings"),
        ("sa_due_at", "Échéance de la notification", "Notification due"),
        ("sa_on_time", "Notifiée dans le délai", "Notified on time"),
        ("delay_reasons", "Motifs du retard", "Reasons for the delay"),
        ("subjects_decision", "Information des personnes", "Communication to people"),
        ("subjects_ground", "Fondement (personnes)", "Ground (people)"),
        ("subjects_reason", "Motif (personnes)", "Reason (people)"),
        ("communications", "Communications", "Communications"),
        ("processor_chain", "Chaîne de sous-traitance", "Processor chain"),
        ("complaint", "Plainte", "Complaint"),
        ("other_regulators", "Autres obligations", "Other duties"),
        ("left_open", "Laissé ouvert à la clôture", "Left open when closed"),
        ("left_open_reason", "Motif (laissé ouvert)", "Reason (left open)"),
        ("lessons", "Enseignements", "Lessons"),
        ("closed_at", "Clôture", "Closed"),
        ("journal", "Journal", "Journal"),
    )
)
CODES = tuple(column.code for column in COLUMNS)


class Status(Enum):
    """Whether a line is frozen."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Sought:
    """Which lines are asked for; what is not told does not matter.

    `year` is that of the number, `cause` a code of the form. `late`: the authority was told
    after the deadline, or is still to be told past it. `text` is looked for in the words.
    """

    year: int | None = None
    status: Status | None = None
    cause: str | None = None
    notified: bool | None = None
    late: bool | None = None
    text: str = ""
    drills: bool = False


@dataclass(frozen=True, slots=True)
class Yearly:
    """The figures of one year. Delays run from the beginning to the first sign.

    `on_time_share` is of the notifications that have an hour: told in time, or too late.
    """

    year: int
    lines: int
    open: int
    causes: Mapping[str, int]
    delays: Mapping[str, int]
    median_hours: float | None
    punctuality: Mapping[str, int]
    on_time_share: float | None
    affected: int
    told: int
    not_told: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart: what it is of, how long, and the number beside it."""

    name: str
    count: int
    said: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What a chart shows, and the same as a table."""

    name: str
    title: str
    description: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a line in the register: year and number."""

    year: int
    number: int


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines, the latest first, and the places that the pages beside them begin at."""

    rows: tuple[Row, ...]
    older: Place | None
    newer: Place | None


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom lines are put into words: the house, its clock, and what codes are called.

    `labels` are by column and code, `duties` by a duty's code.
    """

    house: str
    zone: str
    clock: str
    labels: Mapping[str, Mapping[str, str]]
    duties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """The facts of an incident that no form asks for. Instants are in UTC."""

    reference: str
    title: str
    status: str
    drill: bool
    aware_at: datetime
    logged_at: datetime
    aware_decided_by: str
    aware_reason: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    detected_at: datetime | None = None
    closed_at: datetime | None = None
    roles: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()
    exact: bool | None = None
    lessons: str = ""
    left_open: tuple[str, ...] = ()
    left_open_reason: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The risk as it was signed."""

    level: str
    likelihood: str
    reason: str


@dataclass(frozen=True, slots=True)
class Lodged:
    """One filing that the authority acknowledged."""

    authority: str
    kind: str
    number: str
    filed_at: datetime
    file_digest: str


@dataclass(frozen=True, slots=True)
class Sent:
    """One letter to people or to customers, in counts."""

    audience: str
    letter: str
    text_digest: str
    first_at: str | None
    last_at: str | None
    people: int
    accepted: int
    delivered: int
    bounced: int
    dropped: int
    in_doubt: int
    not_informed: int


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the trail: who did what, when."""

    at: datetime
    by: str
    action: str


@dataclass(frozen=True, slots=True)
class LineFacts:
    """All that a line is written from. `fields` are those of the form, filled in.

    `at` is the instant at which the line is read: what waits past its due instant is late.
    """

    known: Known
    at: datetime
    fields: Mapping[str, Field] = field(default_factory=dict)
    judgement: Judgement | None = None
    duties: tuple[Obligation, ...] = ()
    lodged: tuple[Lodged, ...] = ()
    sent: tuple[Sent, ...] = ()
    journal: tuple[Step, ...] = ()

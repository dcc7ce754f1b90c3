"""Words of the register: its columns, and what a line is written from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

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
        ("delay_reasons", "Motifs du retard", "Reasons for the delay"),
        ("subjects_decision", "Information des personnes", "Communication to people"),
        ("subjects_ground", "Fondement (personnes)", "Ground (people)"),
        ("subjects_reason", "Motif (personnes)", "Reason (people)"),
        ("communications", "Communications", "Communications"),
        ("processor_chain", "Chaîne de sous-traitance", "Processor chain"),
        ("complaint", "Plainte", "Complaint"),
        ("other_regulators", "Autres obligations", "Other duties"),
        ("lessons", "Enseignements", "Lessons"),
        ("closed_at", "Clôture", "Closed"),
        ("journal", "Journal", "Journal"),
    )
)
CODES = tuple(column.code for column in COLUMNS)


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

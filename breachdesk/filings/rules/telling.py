"""What is said of numbers, of the breach and of the communication to people, in French."""

from breachdesk.filings.rules.wording import NBSP, clock, counted, listed, moment
from breachdesk.filings.terms import Counted, FilingFacts, Source

HIGH = "high"
HEIGHTENED = frozenset({"nir", "offences"})
_HEIGHTENED_NOTE = (
    "Le NIR et les données d’infraction ne relèvent pas de l’article 9 du RGPD, mais la CNIL "
    "les traite comme hautement sensibles."
)
_AS_PROCESSOR = (
    "traitées en qualité de sous-traitant. Chaque client, responsable du traitement, notifie "
    "pour ses propres données."
)
_RINGS = {
    "proven": "personnes dont les données ont été atteintes, selon les traces relevées",
    "reachable": "personnes dont les données pouvaient être atteintes",
    "population": "ensemble des personnes présentes dans les fichiers concernés",
}


def exactness(scope: Counted, ring: str) -> str:
    """Say what a number counts, and whether it is exact."""
    if scope.exact:
        return f"Dénombrement exact{NBSP}: {_RINGS[ring]}."
    doubts = []
    if scope.unread_rows:
        doubts.append(
            counted(scope.unread_rows, "ligne de journal illisible", "lignes illisibles")
        )
    if scope.unknown_people:
        doubts.append(
            counted(scope.unknown_people, "identifiant inconnu", "identifiants inconnus")
        )
    return f"Nombre approximatif{NBSP}: {_RINGS[ring]}, à {listed(doubts)} près."


def shared(scope: Counted) -> tuple[str, ...]:
    """Say how many of the people belong to customers, who are controllers (Art. 33(2) GDPR)."""
    if not scope.as_processor:
        return ()
    people = counted(scope.as_processor, "personne", "personnes")
    return (f"Dont {people} dont les données sont {_AS_PROCESSOR}",)


def heightened(codes: list[str]) -> tuple[str, ...]:
    """Say which data are treated as highly sensitive without being those of GDPR art. 9."""
    return () if HEIGHTENED.isdisjoint(codes) else (_HEIGHTENED_NOTE,)


def description(facts: FilingFacts, ring: str) -> str:
    """Return the account of the breach as far as facts tell; empty where they do not."""
    if not facts.summary and facts.counted is None:
        return ""
    parts = [facts.summary or facts.title, _when(facts)]
    if facts.counted is not None:
        parts += [_where(facts.counted), _who(facts.counted, ring)]
    return "\n\n".join(part for part in parts if part)


def _when(facts: FilingFacts) -> str:
    known, zone = facts.chronology, facts.chronology.zone
    if known.started_at is None:
        return ""
    began = moment(known.started_at, zone)
    if known.ended_at is None:
        return f"La violation a commencé le {began} ({clock(zone)})."
    ended = moment(known.ended_at, zone)
    return f"La violation s’est déroulée du {began} au {ended} ({clock(zone)})."


def _where(scope: Counted) -> str:
    said = []
    if scope.systems:
        many = len(scope.systems) > 1
        said.append(
            f"{'Systèmes concernés' if many else 'Système concerné'}{NBSP}: "
            f"{', '.join(scope.systems)}."
        )
    if scope.category_labels:
        said.append(f"Données concernées{NBSP}: {', '.join(scope.category_labels)}.")
    return "\n".join(said)


def _who(scope: Counted, ring: str) -> str:
    people = counted(scope.rings.get(ring, 0), "personne", "personnes")
    records = counted(scope.records, "enregistrement", "enregistrements")
    said = {
        "proven": f"D’après les journaux et les fichiers, les données de {people} ont été "
        f"atteintes ({records}).",
        "reachable": f"D’après les journaux et les fichiers, les données de {people} pouvaient "
        "être atteintes.",
        "population": f"Les fichiers concernés portent sur {people}.",
    }[ring]
    reachable = scope.rings.get("reachable", 0)
    if ring == "proven" and reachable > scope.rings.get(ring, 0):
        everyone = counted(reachable, "personne", "personnes")
        said += f" L’accès permettait d’atteindre les données de {everyone} au total."
    return said


def communication(facts: FilingFacts) -> tuple[str | None, Source]:
    """Return whether people were told, will be, or will not be; None where it is open.

    People count as told once nobody is left waiting. A signed risk below high means that
    Art. 34 GDPR asks for nothing; a message sent all the same is still a message sent.
    """
    told = facts.told
    if told is not None and told.informed and not told.waiting:
        return "done", Source.DELIVERY
    if told is not None and told.people:
        return "planned", Source.DELIVERY
    if facts.notice_ready:
        return "planned", Source.NOTICE
    if facts.people_duty == "waived" or facts.waiver_ground:
        return "not_planned", Source.RISK if facts.waiver_ground else Source.OBLIGATION
    if facts.judged is None:
        return None, Source.NOBODY
    return ("planned" if facts.judged.level == HIGH else "not_planned"), Source.RISK


def why_not_told(facts: FilingFacts) -> tuple[str | None, str]:
    """Return the ground and the reasons for not telling people (Art. 34(1) or 34(3) GDPR)."""
    if facts.people_duty == "waived" or facts.waiver_ground:
        return facts.waiver_ground, facts.waiver_reason
    return "no_high_risk", facts.judged.reason if facts.judged else ""

"""What is said of numbers, of the breach and of the communication to people, in French."""

from breachdesk.filings.rules.wording import NBSP, clock, counted, listed, moment, number
from breachdesk.filings.terms import RINGS, Counted, FilingFacts, Question, Source, Told

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
_NOT_REACHED = {
    "no_address": "sans adresse électronique connue",
    "unusable_address": "dont l’adresse est inutilisable",
    "excluded": "écartées de l’envoi",
    "customer_informs": "dont l’information revient au client, responsable du traitement",
    "waiting": "en attente d’envoi",
    "cancelled": "dont l’envoi a été annulé",
    "rejected": "dont le message a été refusé",
    "blocked": "dont l’envoi est bloqué",
    "bounced": "dont le message est revenu en erreur",
    "dropped": "dont le message a été écarté par le transporteur",
    "in_doubt": "pour lesquelles l’envoi est incertain",
}
_RINGS = {
    "proven": "personnes dont les données ont été atteintes, selon les traces relevées",
    "reachable": "personnes dont les données pouvaient être atteintes",
    "population": "ensemble des personnes présentes dans les fichiers concernés",
}


def ring(facts: FilingFacts, code: str = "people.count") -> str:
    """Return which ring people are counted in: the proven one unless a person chose another."""
    answer = facts.answers.get(code)
    chosen = None if answer is None else answer.value
    return chosen if isinstance(chosen, str) and chosen in RINGS else RINGS[0]


def exactness(scope: Counted, ring: str) -> str:
    """Say what a number counts, and whether it is exact."""
    if scope.exact:
        return f"Dénombrement exact{NBSP}: {_RINGS[ring]}."
    doubts = []
    if scope.unread_rows:
        doubts.append(
            counted(
                scope.unread_rows, "ligne de journal illisible", "lignes de journal illisibles"
            )
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


def counts(ring: str) -> str:
    """Say whom a number counts."""
    return f"Dénombrement{NBSP}: {_RINGS[ring]}."


def account(facts: FilingFacts) -> str:
    """Return the account of the breach without any number; empty where nobody told it."""
    if not facts.summary:
        return ""
    return "\n\n".join(filter(None, (facts.summary, _when(facts))))


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
        said.append(f"Données concernées{NBSP}: {f'{NBSP}; '.join(scope.category_labels)}.")
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
    if told is not None and told.waiting:
        return "planned", Source.DELIVERY
    if facts.notice_ready:
        return "planned", Source.NOTICE
    if facts.people_duty == "waived" or facts.waiver_ground:
        return "not_planned", Source.RISK if facts.waiver_ground else Source.OBLIGATION
    if facts.judged is None:
        return None, Source.NOBODY
    return ("planned" if facts.judged.level == HIGH else "not_planned"), Source.RISK


def not_reached(told: Told) -> tuple[str, ...]:
    """Say how many people the message did not reach, and why."""
    missed = {reason: people for reason, people in told.not_informed.items() if people}
    if not missed:
        return ()
    everyone, total = counted(told.people, "personne", "personnes"), sum(missed.values())
    verb = "n’a pas reçu" if total == 1 else "n’ont pas reçu"
    said = listed(
        f"{number(people)} {_NOT_REACHED.get(reason, reason)}"
        for reason, people in missed.items()
    )
    return (f"Sur {everyone}, {number(total)} {verb} ce message{NBSP}: {said}.",)


def owed(question: Question, facts: FilingFacts, *, certain: bool) -> list[str]:
    """Return whom else the law addresses, with the article: what is certain, or the rest."""
    found = [
        f"{each.label} ({each.article})"
        for each in facts.owed
        if each.addressee in question.addressees and each.certain is certain
    ]
    return list(dict.fromkeys(found))


def to_examine(question: Question, facts: FilingFacts) -> tuple[str, ...]:
    """Say whom the law may also address, while nobody has told the facts that decide."""
    doubtful = owed(question, facts, certain=False)
    return (f"À examiner{NBSP}: {f'{NBSP}; '.join(doubtful)}.",) if doubtful else ()


def why_not_told(facts: FilingFacts) -> tuple[str | None, str]:
    """Return the ground and the reasons for not telling people (Art. 34(1) or 34(3) GDPR)."""
    if facts.people_duty == "waived" or facts.waiver_ground:
        return facts.waiver_ground, facts.waiver_reason
    return "no_high_risk", facts.judged.reason if facts.judged else ""

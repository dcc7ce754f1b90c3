"""What is said of numbers, of the breach and of the communication to people."""

import re

from breachdesk.filings.rules.french import FRENCH
from breachdesk.filings.rules.speech import Speech
from breachdesk.filings.terms import RINGS, Counted, FilingFacts, Question, Source, Told

HIGH = "high"
HEIGHTENED = frozenset({"nir", "offences"})
SHARED_TEXTS = frozenset({"breach.account", "measures.after"})
"""The fields of a customer's report that repeat what was typed for the whole incident."""


def ring(facts: FilingFacts, code: str = "people.count") -> str:
    """Return which ring people are counted in: the proven one unless a person chose another."""
    answer = facts.answers.get(code)
    chosen = None if answer is None else answer.value
    return chosen if isinstance(chosen, str) and chosen in RINGS else RINGS[0]


def exactness(speech: Speech, scope: Counted, ring: str) -> str:
    """Say what a number counts, and whether it is exact."""
    counts = speech.say(f"ring {ring}")
    if scope.exact:
        return speech.say("exact", ring=counts)
    doubts = [
        speech.counted(count, noun)
        for count, noun in (
            (scope.unread_rows, "unread_row"),
            (scope.unknown_people, "unknown_person"),
        )
        if count
    ]
    return speech.say("approximate", ring=counts, doubts=speech.listed(doubts))


def shared(speech: Speech, scope: Counted) -> tuple[str, ...]:
    """Say how many of the people belong to customers, who are controllers (Art. 33(2) GDPR)."""
    if not scope.as_processor:
        return ()
    return (speech.say("as processor", people=speech.counted(scope.as_processor, "person")),)


def heightened(speech: Speech, codes: list[str]) -> tuple[str, ...]:
    """Say which data are treated as highly sensitive without being those of GDPR art. 9."""
    return () if HEIGHTENED.isdisjoint(codes) else (speech.say("heightened"),)


def counts(speech: Speech, ring: str) -> str:
    """Say whom a number counts."""
    return speech.say("counts", ring=speech.say(f"ring {ring}"))


def as_typed(speech: Speech) -> tuple[str, ...]:
    """Say that a text stands as people typed it, where the form is not in French."""
    return () if speech is FRENCH else (speech.say("as typed"),)


def names_another(facts: FilingFacts, text: str) -> bool:
    """Tell whether a text names a customer other than the one that a report is for."""
    own = facts.customer
    words = {*re.findall(r"[\w.@-]+", text.casefold())}
    words |= {each.rstrip(".-") for each in words}
    return own is not None and any(each.casefold() in words for each in own.others)


def account(speech: Speech, facts: FilingFacts) -> str:
    """Return the account of the breach without any number; empty where nobody told it.

    An account that names another customer is not for this one to read.
    """
    if not facts.summary or names_another(facts, facts.summary):
        return ""
    return "\n\n".join(filter(None, (facts.summary, _when(speech, facts))))


def description(speech: Speech, facts: FilingFacts, ring: str) -> str:
    """Return the account of the breach as far as facts tell; empty where they do not."""
    if not facts.summary and facts.counted is None:
        return ""
    parts = [facts.summary or facts.title, _when(speech, facts)]
    if facts.counted is not None:
        parts += [_where(speech, facts.counted), _who(speech, facts.counted, ring)]
    return "\n\n".join(part for part in parts if part)


def _when(speech: Speech, facts: FilingFacts) -> str:
    known, zone = facts.chronology, facts.chronology.zone
    if known.started_at is None:
        return ""
    began, clock = speech.moment(known.started_at, zone), speech.clock(zone)
    if known.ended_at is None:
        return speech.say("began", began=began, clock=clock)
    return speech.say(
        "lasted", began=began, ended=speech.moment(known.ended_at, zone), clock=clock
    )


def _where(speech: Speech, scope: Counted) -> str:
    said = []
    if scope.systems:
        systems = speech.nouns["system"][len(scope.systems) > 1]
        said.append(speech.say("systems", systems=systems, names=", ".join(scope.systems)))
    if scope.category_labels:
        said.append(speech.say("data", labels=speech.semicolon.join(scope.category_labels)))
    return "\n".join(said)


def _who(speech: Speech, scope: Counted, ring: str) -> str:
    people = speech.counted(scope.rings.get(ring, 0), "person")
    said = speech.say(ring, people=people, records=speech.counted(scope.records, "record"))
    reachable = scope.rings.get("reachable", 0)
    if ring == "proven" and reachable > scope.rings.get(ring, 0):
        said += speech.say("in reach", people=speech.counted(reachable, "person"))
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


def not_reached(speech: Speech, told: Told) -> tuple[str, ...]:
    """Say how many people the message did not reach, and why."""
    missed = {reason: people for reason, people in told.not_informed.items() if people}
    if not missed:
        return ()
    total = sum(missed.values())
    reasons = speech.listed(
        f"{speech.number(people)} {speech.said.get(f'missed {reason}', reason)}"
        for reason, people in missed.items()
    )
    return (
        speech.say(
            "missed one" if total == 1 else "missed",
            everyone=speech.counted(told.people, "person"),
            total=speech.number(total),
            reasons=reasons,
        ),
    )


def owed(question: Question, facts: FilingFacts, *, certain: bool) -> list[str]:
    """Return whom else the law addresses, with the article: what is certain, or the rest."""
    found = [
        f"{each.label} ({each.article})"
        for each in facts.owed
        if each.addressee in question.addressees and each.certain is certain
    ]
    return list(dict.fromkeys(found))


def to_examine(speech: Speech, question: Question, facts: FilingFacts) -> tuple[str, ...]:
    """Say what a person has to look at: whom the law may address, what was typed for others."""
    doubtful = owed(question, facts, certain=False)
    said = [speech.say("examine", others=speech.semicolon.join(doubtful))] if doubtful else []
    if facts.customer is not None and question.code in SHARED_TEXTS:
        typed = [facts.summary, *(each.text for each in facts.measures_after)]
        text = typed[0] if question.code == "breach.account" else "\n".join(typed[1:])
        said.append(
            speech.say("names another" if names_another(facts, text) else "for everyone")
        )
    return tuple(said)


def why_not_told(facts: FilingFacts) -> tuple[str | None, str]:
    """Return the ground and the reasons for not telling people (Art. 34(1) or 34(3) GDPR)."""
    if facts.people_duty == "waived" or facts.waiver_ground:
        return facts.waiver_ground, facts.waiver_reason
    return "no_high_risk", facts.judged.reason if facts.judged else ""

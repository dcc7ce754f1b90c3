"""Facts of a breach made from a seed: some known, some not, no word or number twice."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from breachdesk.filings.terms import (
    Answer,
    Chronology,
    Company,
    Counted,
    FilingFacts,
    Form,
    Happened,
    Judged,
    Kind,
    Owed,
    Own,
    Party,
    Taken,
    Told,
    Value,
    Vocabulary,
)

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
CAUSES = ("ransomware", "lost_device", "misdirected_email", "insider", "stolen_credentials")
LEVELS = ("unlikely", "risk", "high")
ANSWERED: dict[str, Value] = {
    "communication.planned_on": "2026-12-03",
    "other_authorities": False,
    "timeline.ongoing": True,
    "complaint.articles": "Articles 323-1 et 323-3 du code pénal.",
}


class Maker:
    """Makes facts from a seed; no word and no number of them comes twice."""

    def __init__(self, seed: int) -> None:
        self.random, self._next = Random(seed), 3  # noqa: S311  (the same incidents each time)

    def number(self) -> int:
        self._next += 1
        return self._next * 7919

    def word(self) -> str:
        return f"Mot{self.number()}"

    def maybe(self, made: Callable[[], Any], otherwise: Any = None) -> Any:
        return made() if self.random.random() < 0.7 else otherwise

    def at(self) -> datetime:
        return NOW - timedelta(minutes=self.random.randrange(1, 90_000))

    def party(self) -> Party:
        first, last = self.word(), self.word().upper()
        phone = f"+33 1 {self.number()}"
        return Party(f"Mme {first} {last}", self.word(), f"{self.word()}@b.example", phone)

    def company(self) -> Company:
        return Company(
            name=self.word(), siren="732829320", sector="J", lines=(self.word(), self.word()),
            postcode=str(self.number()), city=self.word(), country="FR",
            representative=self.party(), contact=self.party(),
            vat_number=self.maybe(self.word), headcount=self.maybe(self.number),
            has_officer=self.random.random() < 0.5,
        )  # fmt: skip

    def counted(self, vocabulary: Vocabulary) -> Counted:
        codes = ("a", "b", "s") if vocabulary is Vocabulary.EDPB else ("contact_details", "nir")
        people = ("h",) if vocabulary is Vocabulary.EDPB else ("users", "customers")
        return Counted(
            rings={"proven": 1000 + self.number(), "reachable": 9_000_000 + self.number(),
                   "population": 90_000_000 + self.number()},
            records=self.number(),
            by_country={each: {"proven": self.number(), "reachable": self.number()}
                        for each in self.random.sample(["FR", "BE", "GB", "US"], 2)},
            category_codes=codes, population_codes=people, categories=("contact",),
            category_labels=(self.word(), self.word()), systems=(self.word(),),
            processors=(self.word(),), as_processor=self.maybe(self.number, 0),
            unread_rows=self.maybe(self.number, 0), unknown_people=self.maybe(self.number, 0),
        )  # fmt: skip

    def taken(self) -> tuple[Taken, ...]:
        return tuple(
            Taken(f"{self.word()}.", self.maybe(self.at), self.maybe(self.at)) for _ in "ab"
        )

    def told(self) -> Told:
        people = self.number()
        return Told(
            people=people, informed=people - 2, waiting=self.maybe(lambda: 0, 2),
            not_informed={"bounced": self.number()}, channels=("email",), first_at=self.at(),
            last_at=self.at(),
        )  # fmt: skip

    def facts(self) -> dict[str, Any]:
        told: dict[str, Any] = {
            "cause": self.maybe(lambda: self.random.choice(CAUSES)),
            "malicious": self.maybe(lambda: self.random.random() < 0.5),
            "breach_types": self.maybe(lambda: self.random.sample(["integrity"], 1)),
            "exfiltration": self.maybe(lambda: "confirmed"),
            "special_categories": self.maybe(lambda: "substantial"),
            "subjects_count": self.maybe(self.number),
        }
        return {name: each for name, each in told.items() if each is not None}

    def own(self, form: Form) -> Own | None:
        if form.authority != "customer":
            return None
        held = {"proven": self.number(), "reachable": self.number(), "population": 1}
        return Own(self.word(), held, ("contact",), ((self.word(), held),), (self.word(),))

    def answers(self) -> dict[str, Answer]:
        return {
            code: Answer(value, "Awa", NOW)
            for code, value in ANSWERED.items()
            if self.random.random() < 0.5
        }

    def incident(self, form: Form) -> FilingFacts:
        kind = self.random.choice([*Kind])
        return FilingFacts(
            reference=f"BD-{self.number()}", kind=kind, drafted_at=NOW, title=self.word(),
            summary=self.maybe(self.word, ""),
            chronology=Chronology(
                self.random.choice(["Europe/Paris", "America/Martinique"]),
                *(self.maybe(self.at) for _ in range(5)),
            ),
            facts=self.facts(), company=self.maybe(self.company),
            counted=self.maybe(lambda: self.counted(form.vocabulary)),
            told_categories=self.maybe(lambda: ("a", "nir"), ()),
            measures_before=self.maybe(self.taken, ()),
            measures_after=self.maybe(self.taken, ()),
            judged=self.maybe(lambda: Judged(
                self.random.choice(LEVELS), "limited", self.word(), self.word(), NOW)),
            told=self.maybe(self.told), notice_content=self.maybe(self.word, ""),
            people_duty=self.random.choice([None, "open", "waived"]),
            waiver_ground=self.random.choice([None, "protected"]), waiver_reason=self.word(),
            owed=(Owed("police", self.word(), self.word(), certain=True),
                  Owed("ico", self.word(), self.word(), certain=False)),
            due_at=NOW - timedelta(hours=1), delay_reasons=self.maybe(self.word, ""),
            previous_reference=self.maybe(self.word), answers=self.answers(),
            happened=(Happened(self.at(), self.word()),),
            evidence=((self.word(), self.number(), f"sha256:{self.number():064x}"),),
            filed=(("cnil", self.word(), self.at()),), customer=self.own(form),
        )  # fmt: skip

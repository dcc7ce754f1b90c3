"""Everything a draft is written from, read from the stations before this one.

What is read is read for many incidents at once: the number of statements does not grow with
them.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from breachdesk.datamap import queries as datamap
from breachdesk.datamap.terms import DataMap
from breachdesk.delivery import queries as delivery
from breachdesk.delivery.queries import Reached
from breachdesk.filings import rules
from breachdesk.filings.models import FilingReceipt
from breachdesk.filings.queries import counting
from breachdesk.filings.queries.besides import besides
from breachdesk.filings.queries.kept import answers_of_many, receipts_of_many
from breachdesk.filings.rules import Speech
from breachdesk.filings.terms import (
    Answer,
    Chronology,
    FilingFacts,
    Form,
    Judged,
    Kind,
    Owed,
    Taken,
    Told,
)
from breachdesk.incidents import queries as incidents
from breachdesk.incidents.queries import Incident
from breachdesk.incidents.terms import Phase
from breachdesk.law.terms import Law, Nature
from breachdesk.notices import queries as notices
from breachdesk.notices.queries import NoticeRow
from breachdesk.notices.terms import FIRST, PEOPLE, Stage
from breachdesk.obligations import queries as obligations
from breachdesk.obligations import rules as duties
from breachdesk.obligations.queries import Known
from breachdesk.obligations.terms import Obligation, State
from breachdesk.risk import queries as risk
from breachdesk.risk.terms import Ground

AUTHORITY_DUTY = "gdpr.33.authority"
PEOPLE_DUTY = "gdpr.34.people"
GROUNDS = {
    Ground.UNINTELLIGIBLE: "protected",
    Ground.RISK_REMOVED: "risk_removed",
    Ground.DISPROPORTIONATE: "disproportionate",
}
"""The grounds of Art. 34(3) GDPR as the forms name them."""
_TAG = re.compile(r"-bd[th]\.[a-z]+-")


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was read of one incident: what a draft is written from, and the rows behind it."""

    facts: FilingFacts
    known: Known
    duties: tuple[Obligation, ...]
    reached: tuple[Reached, ...]
    receipts: Sequence[FilingReceipt]


@dataclass(frozen=True, slots=True)
class _Rows:
    """What the tables hold of several incidents, by the incident's id."""

    declared: DataMap | None
    known: Mapping[UUID, Known]
    duties: Mapping[UUID, tuple[Obligation, ...]]
    reached: Mapping[UUID, tuple[Reached, ...]]
    receipts: Mapping[UUID, Sequence[FilingReceipt]]
    answers: Mapping[UUID, Mapping[str, Answer]]
    notices: Mapping[UUID, NoticeRow]
    contents: Mapping[UUID, str]
    measures: Mapping[UUID, Sequence[tuple[Phase, Taken]]]


def facts_of(
    session: Session, law: Law, incident: Incident, form: Form, kind: Kind, now: datetime
) -> FilingFacts:
    """Gather everything a draft of `incident` is written from, as it stands at `now`."""
    found = gathered_of_many(session, law, [incident], form, kind, now)[incident.id].facts
    return replace(found, **besides(session, incident, form))


def gathered_of_many(
    session: Session,
    law: Law,
    these: Collection[Incident],
    form: Form,
    kind: Kind,
    now: datetime,
    *,
    texts: bool = True,
) -> dict[UUID, Gathered]:
    """Gather for each of `these` what a draft is written from.

    Without `texts` no data map, measure or message is read: numbers and decisions alone.
    """
    rows = _read(session, law, these, form, texts=texts)
    return {
        each.id: Gathered(
            _facts(each, rows, form, kind, now),
            rows.known[each.id],
            rows.duties[each.id],
            rows.reached.get(each.id, ()),
            rows.receipts.get(each.id, ()),
        )
        for each in these
    }


def _read(
    session: Session, law: Law, these: Collection[Incident], form: Form, *, texts: bool
) -> _Rows:
    ids, speech = [each.id for each in these], rules.speech_of(form)
    known = obligations.known_of_many(session, law, these)
    arising = duties.arising_each((each.facts for each in known.values()), law)
    found = _notices(session, ids)
    version = datamap.current_version(session) if texts else None
    return _Rows(
        declared=None if version is None else datamap.parsed(version),
        known=known,
        duties=dict(zip(known, arising, strict=True)),
        reached=delivery.reached_of_many(session, ids),
        receipts=receipts_of_many(session, ids),
        answers=answers_of_many(session, ids, form.authority),
        notices=found,
        contents={each: _content(session, row, speech) for each, row in found.items() if texts},
        measures=_measures(session, ids, speech) if texts else {},
    )


def _facts(
    incident: Incident, rows: _Rows, form: Form, kind: Kind, now: datetime
) -> FilingFacts:
    arising = {each.duty: each for each in rows.duties[incident.id]}
    receipts = [
        each for each in rows.receipts.get(incident.id, ()) if each.authority == form.authority
    ]
    authority = arising.get(form.meets or AUTHORITY_DUTY)
    people = arising.get(PEOPLE_DUTY)
    known, declared = rows.known[incident.id], rows.declared
    ground, reason = _waiver(known, people)
    notice = rows.notices.get(incident.id)
    taken = rows.measures.get(incident.id, ())
    return FilingFacts(
        reference=incident.reference,
        kind=kind,
        drafted_at=now,
        title=incident.title,
        summary=incident.summary,
        chronology=_chronology(incident, form),
        facts=incident.facts,
        company=None if declared is None else counting.company(declared),
        counted=(
            None if known.scope is None else counting.counted(known.scope, declared, form)
        ),
        told_categories=counting.codes(
            declared, incident.facts.get("data_categories") or (), form.vocabulary
        ),
        measures_before=tuple(each for phase, each in taken if phase is Phase.BEFORE),
        measures_after=tuple(each for phase, each in taken if phase is Phase.AFTER),
        judged=_judged(known, rules.speech_of(form)),
        told=_told(rows.reached.get(incident.id, ())),
        notice_content=rows.contents.get(incident.id, ""),
        notice_ready=notice is not None
        and Stage(notice.stage) in {Stage.APPROVED, Stage.FROZEN},
        people_duty=None if people is None else people.state_at(now).value,
        waiver_ground=ground,
        waiver_reason=reason,
        owed=tuple(_owed(arising.values(), rules.speech_of(form))),
        due_at=None if authority is None else authority.due,
        first_filed_at=min((each.filed_at for each in receipts), default=None),
        delay_reasons=(authority and authority.decided.delay_reason) or "",
        previous_reference=receipts[0].reference if receipts else None,
        answers=rules.usable(form, rows.answers.get(incident.id, {})),
        filed=tuple(
            (each.authority, each.reference, each.filed_at)
            for each in rows.receipts.get(incident.id, ())
        ),
    )


def _owed(arising: Iterable[Obligation], speech: Speech) -> Iterator[Owed]:
    for each in arising:
        if each.state is not State.WAIVED:
            certain = not each.assumed and each.nature is Nature.DUTY
            label = speech.text(each.addressee_label)
            yield Owed(each.addressee, label, each.article, certain=certain)


def _chronology(incident: Incident, form: Form) -> Chronology:
    return Chronology(
        zone=form.zone or incident.zone,
        aware_at=incident.aware_at,
        started_at=incident.started_at,
        ended_at=incident.ended_at,
        detected_at=incident.detected_at,
        qualified_at=incident.qualified_at,
    )


def _measures(
    session: Session, ids: Collection[UUID], speech: Speech
) -> dict[UUID, Sequence[tuple[Phase, Taken]]]:
    return {
        incident_id: [
            (
                Phase(row.phase),
                Taken(
                    speech.text(row.text),
                    row.done_at,
                    row.planned_for,
                    foreign=speech.language not in row.text,
                ),
            )
            for row in found
        ]
        for incident_id, found in incidents.measures_of_many(session, ids).items()
    }


def _judged(known: Known, speech: Speech) -> Judged | None:
    signed = risk.worst(known.signed)
    if signed is None:
        return None
    reason = signed.override_reason or speech.text(signed.reason)
    return Judged(signed.level, signed.severity, reason, signed.signed_by, signed.signed_at)


def _waiver(known: Known, duty: Obligation | None) -> tuple[str | None, str]:
    """Return the ground of Art. 34(3) GDPR that was signed, and the reasons for not telling."""
    signed = risk.worst(known.signed)
    relief = None if signed is None else risk.relief(signed)
    if relief is not None:
        return GROUNDS[relief.ground], relief.reason
    return None, "" if duty is None else duty.decided.waived_for or ""


def _told(reached: Iterable[Reached]) -> Told | None:
    ours = next((each for each in reached if each.letter == delivery.PEOPLE), None)
    if ours is None or not ours.people:
        return None
    return Told(
        people=ours.people,
        informed=ours.standings["accepted"] + ours.standings["delivered"],
        waiting=ours.reasons.get("waiting", 0),
        not_informed={
            **ours.reasons,
            "bounced": ours.standings["bounced"],
            "dropped": ours.standings["dropped"],
            "in_doubt": ours.standings["in_doubt"],
        },
        channels=("email",),
        first_at=ours.first_at,
        last_at=ours.last_at,
    )


def _notices(session: Session, ids: Collection[UUID]) -> dict[UUID, NoticeRow]:
    """Return the latest version of the first notice to the people of each incident."""
    rows = session.scalars(
        select(NoticeRow)
        .where(
            NoticeRow.incident_id.in_(ids),
            NoticeRow.obligation == PEOPLE,
            NoticeRow.kind == FIRST,
        )
        .order_by(NoticeRow.version)
    )
    return {row.incident_id: row for row in rows}


def _content(session: Session, notice: NoticeRow, speech: Speech) -> str:
    """Return what people are told, in the form's language where it is."""
    variants = sorted(
        notices.variants_of(session, notice.id),
        key=lambda each: (not each.locale.startswith(speech.language), -each.people, each.key),
    )
    if not variants:
        return ""
    return _TAG.sub("[…]", f"{variants[0].subject}\n\n{variants[0].text_frame}").strip()

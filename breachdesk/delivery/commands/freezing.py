"""Who of a list is told what, in which message: streamed, in one transaction."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import bindparam, select, update

from breachdesk.audit.transaction import Transaction
from breachdesk.delivery import queries, rules
from breachdesk.delivery.commands.filling import Filling, open_chunk, seal
from breachdesk.delivery.commands.writing import (
    Pen,
    Place,
    Row,
    look_over,
    room,
    written_to,
)
from breachdesk.delivery.models import Campaign, CampaignVariant, Chunk, Delivery, Telling
from breachdesk.delivery.terms import CHUNK_MESSAGES, Reader, Reason, Standing
from breachdesk.kernel.errors import Refused, Unusable
from breachdesk.notices import rules as notices
from breachdesk.scoping.terms import Person

PROCESSOR = "processor"
UNTOLD = {Standing.NOT_INFORMED, Standing.BOUNCED, Standing.DROPPED}


class TwoTruths(Unusable):
    """One list says two things of one person."""

    def __init__(self) -> None:
        """Say so; of whom it is cannot be said here."""
        super().__init__("the list names a person twice, with different data; measure again")


@dataclass
class Draft:
    """A reader with the marks that the ledger keeps, and the reason not to write if any."""

    reader: Reader
    mark: str
    mailbox: str | None
    reason: Reason | None
    note: str


class Freezing:
    """One freeze. Memory holds the chunks being filled, whatever the length of the list."""

    def __init__(  # noqa: PLR0913  (what freeze was told)
        self,
        tx: Transaction,
        campaign: Campaign,
        texts: Mapping[str, CampaignVariant],
        languages: tuple[str, ...],
        *,
        excluded: Mapping[str, str],
        separate: bool,
        after: str | None = None,
        clocks: rules.Clocks | None = None,
    ) -> None:
        """Freeze into `campaign`; `texts` are by the key of the reader's variant.

        With `after`, only those are told whom that letter reached or may have reached. With
        `clocks`, readers whose clocks differ are kept in different chunks.
        """
        self._tx, self._campaign = tx, campaign
        self._texts, self._languages = texts, languages
        self._roles = {text.role for text in texts.values()}
        self._excluded, self._separate = excluded, separate
        self._after, self._clocks = after, clocks
        self._secret = queries.secret(tx.vault, campaign.incident_id)
        self._filling: dict[tuple[UUID, str | None], list[Filling]] = {}
        self._chosen: dict[tuple[str | None, str, tuple[str, ...], str], UUID | None] = {}
        self._unsaid: Counter[tuple[str, ...]] = Counter()
        self._told: Counter[UUID] = Counter()
        self._text_of: dict[UUID, UUID] = {}
        self._name, self._people, self._messages = campaign.name, 0, 0
        self.skipped = 0

    def fill(self, readers: Iterable[Reader]) -> None:
        """Write everyone down. Raises Refused if there is no approved text for somebody."""
        batches = rules.batches(readers, CHUNK_MESSAGES)
        with room(self._tx), Pen(self._tx, self._campaign) as pen:
            batch, number = next(batches, []), 0
            while batch:
                drafts = [self._draft(reader) for reader in batch]
                pen.wait()
                look_over(self._tx, number)
                rows, number = self._place_all(drafts), number + 1
                batch = next(batches, [])  # whoever lists them may ask the database
                pen.write(rows)
            pen.wait()
        self._campaign.people, self._campaign.messages = self._people, self._messages
        for fillings in self._filling.values():
            for filling in fillings:
                seal(self._tx, self._campaign.incident_id, filling)
        if self._unsaid:
            raise Refused(
                f"{self._unsaid.total()} people have no approved text "
                f"({len(self._unsaid)} sets of data): draft the notice again from this scope"
            )
        self._count()

    def _draft(self, reader: Reader) -> Draft:
        address = (reader.address or "").strip()
        mark = rules.mark(self._secret, "person", reader.key)
        if reader.key in self._excluded:
            return Draft(reader, mark, None, Reason.EXCLUDED, self._excluded[reader.key])
        if reader.role == PROCESSOR and PROCESSOR not in self._roles:
            return Draft(reader, mark, None, Reason.CUSTOMER_INFORMS, "")
        if not address:
            return Draft(reader, mark, None, Reason.NO_ADDRESS, "")
        if not rules.usable(address):
            return Draft(reader, mark, None, Reason.UNUSABLE_ADDRESS, "")
        mailbox = rules.mark(self._secret, "mailbox", rules.mailbox(address))
        return Draft(reader, mark, mailbox, None, "")

    def _place_all(self, drafts: list[Draft]) -> list[Row]:
        """Return what the ledger is to say of those who are not in it yet."""
        campaign, session = self._campaign, self._tx.session
        known = queries.known(
            session, campaign.incident_id, campaign.letter, {each.mark for each in drafts}
        )
        places = {} if self._separate else self._places(drafts)
        tried = queries.written_before(session, campaign.incident_id, campaign.letter, known)
        rows: dict[str, Row] = {}
        variants: dict[str, UUID | None] = {}
        for draft in self._to_tell(drafts):
            variant = None if draft.reason else self._variant(draft.reader)
            before = known.get(draft.mark)
            if variants.setdefault(draft.mark, variant) != variant:
                raise TwoTruths
            again = (draft.mark, draft.mailbox) in tried
            if again or draft.mark in rows or not self._is_new(draft, before, variant):
                self.skipped += 1
            else:
                place = self._place(draft, variant, places) if variant else (None, None)
                chunk_id, message = place
                rows[draft.mark] = Row(
                    mark=draft.mark,
                    mailbox=draft.mailbox,
                    seq=before.seq + 1 if before else 1,
                    chunk_id=chunk_id,
                    message=message,
                    reason=draft.reason and draft.reason.value,
                    note=draft.note,
                )
        replaced = [known[mark].id for mark in rows if mark in known]
        if replaced:
            session.execute(
                update(Delivery)
                .where(Delivery.id.in_(replaced))
                .values(superseded=True)
                .execution_options(synchronize_session=False)
            )
        self._people += len(rows)
        self._told.update(each.chunk_id for each in rows.values() if each.chunk_id)
        return list(rows.values())

    def _to_tell(self, drafts: list[Draft]) -> list[Draft]:
        """Return those this letter is for: a follow-up is for those told by the first.

        Who was told by post, by telephone or in public was told too. To an address at which
        the first letter did not come, none that follows is sent: they stand in the ledger
        with that reason, and go on by another way.
        """
        if self._after is None:
            return drafts
        session, marks = self._tx.session, {each.mark for each in drafts}
        first = queries.known(session, self._campaign.incident_id, self._after, marks)
        rows = [first.get(each.mark) for each in drafts]
        missed = {
            row.id for row in rows if row and rules.standing(row.chunk, row.event) in UNTOLD
        }
        asked = select(Telling.delivery_id).where(Telling.delivery_id.in_(missed))
        otherwise = set(session.scalars(asked)) if missed else set()
        kept = [
            self._where_reached(each, row.address, failed=row.id in missed)
            for each, row in zip(drafts, rows, strict=True)
            if row and (row.id not in missed or row.id in otherwise)
        ]
        self.skipped += len(drafts) - len(kept)
        return kept

    def _where_reached(self, draft: Draft, box: str | None, *, failed: bool) -> Draft:
        """Return the draft at the second address, if the first letter came there."""
        if failed and box is not None and draft.mailbox == box:
            return replace(draft, mailbox=None, reason=Reason.UNUSABLE_ADDRESS)
        second = (draft.reader.second or "").strip()
        kept_back = draft.reason in {Reason.EXCLUDED, Reason.CUSTOMER_INFORMS}
        if failed or kept_back or box is None or draft.mailbox == box:
            return draft
        if not rules.usable(second):
            return draft
        if rules.mark(self._secret, "mailbox", rules.mailbox(second)) != box:
            return draft
        return Draft(replace(draft.reader, address=second), draft.mark, box, None, "")

    def _is_new(self, draft: Draft, before: queries.Known | None, variant: UUID | None) -> bool:
        """Tell whether the ledger needs a row. Raises Unusable for two truths in one list."""
        if before is None:
            return True
        if before.campaign_id == self._campaign.id:
            if before.variant_id != variant:
                raise TwoTruths
            return False
        return draft.mailbox is not None and rules.tell_again(
            before.chunk, before.event, same_address=before.address == draft.mailbox
        )

    def _variant(self, reader: Reader) -> UUID | None:
        kind = (reader.locale, reader.role, reader.categories, reader.audience)
        if kind not in self._chosen:
            locale, role, categories, audience = kind
            key = notices.variant_key(locale, role, categories, self._languages, audience)
            for_all = notices.variant_key(locale, role, (), self._languages)
            text = self._texts.get(key) or self._texts.get(for_all)
            self._chosen[kind] = text.id if text else None
        if self._chosen[kind] is None:
            self._unsaid[reader.categories] += 1
        return self._chosen[kind]

    def _places(self, drafts: list[Draft]) -> dict[tuple[UUID, str], Place]:
        """Return the messages of this campaign that go to the mailboxes of `drafts`."""
        boxes = [each.mailbox for each in drafts if each.mailbox]
        return {
            (self._text_of[chunk], box): (chunk, number)
            for box, chunk, number in written_to(self._tx, self._campaign, boxes)
        }

    def _place(
        self, draft: Draft, variant: UUID, places: dict[tuple[UUID, str], Place]
    ) -> Place:
        """Return the message a reader gets: one that would say the same, or a new one.

        People who share a mailbox, and whose letters read the same, share a message. Where
        the letters differ each gets their own: nobody reads of data that are not theirs.
        """
        mailbox, reader = draft.mailbox or "", draft.reader
        shared = None if self._separate else places.get((variant, mailbox))
        if shared:
            return shared
        zone = self._clocks.of(reader.country, reader.locale) if self._clocks else None
        filling = self._filling_for((variant, zone), mailbox)
        self._messages += 1
        number = self._messages
        code = rules.reference_code(self._secret, self._name, number)
        values = {"code": code, **reader.values}
        filling.recipients.append((number, (reader.address or "").strip(), values))
        filling.mailboxes.add(mailbox)
        places[variant, mailbox] = (filling.id, number)
        if len(filling.recipients) == CHUNK_MESSAGES:
            seal(self._tx, self._campaign.incident_id, filling)
            self._filling[filling.kind].remove(filling)
        return filling.id, number

    def _filling_for(self, kind: tuple[UUID, str | None], mailbox: str) -> Filling:
        fillings = self._filling.setdefault(kind, [])
        for filling in fillings:
            if filling.takes(mailbox):
                return filling
        fillings.append(open_chunk(self._tx, self._campaign, kind))
        self._text_of[fillings[-1].id] = kind[0]
        return fillings[-1]

    def _count(self) -> None:
        """Write on each chunk how many people its messages are for."""
        if self._told:
            self._tx.session.connection().execute(
                update(Chunk)
                .where(Chunk.id == bindparam("chunk"))
                .values(people=bindparam("number")),
                [{"chunk": chunk, "number": n} for chunk, n in self._told.items()],
            )


def reader(person: Person | Reader, audience: Callable[[tuple[str, ...]], str]) -> Reader:
    """Return a person of a measured scope as a reader, written to as their stores ask."""
    if isinstance(person, Reader):
        return person
    return Reader(
        key=person.person_key,
        address=person.email,
        locale=person.locale,
        role=person.role,
        categories=person.categories,
        audience=audience(person.stores),
        second=person.second_email,
        country=person.country,
    )

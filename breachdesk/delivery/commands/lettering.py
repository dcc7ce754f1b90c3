"""Letters for the post: to those whom the e-mail did not reach, or who have no address."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from sqlalchemy import select

from breachdesk.audit.transaction import Transaction, command
from breachdesk.datamap import queries as datamap
from breachdesk.delivery import queries, rules
from breachdesk.delivery.commands.freezing import reader
from breachdesk.delivery.models import Campaign, Delivery
from breachdesk.delivery.terms import Breach, Channel, PaperLetter, Postal, Print, ToTell
from breachdesk.kernel.errors import Refused
from breachdesk.notices import queries as notice_queries
from breachdesk.notices import rules as notices
from breachdesk.scoping.terms import Person

BATCH = 1000
HELD = (Channel.LETTER,)


@command("delivery.print_letters")
def print_letters(
    tx: Transaction,
    incident: Breach,
    notice: ToTell,
    people: Iterable[Person],
    postal: Mapping[str, Postal],
) -> Print:
    """Return the letters to everyone of `people` whom the notice must reach by post.

    Those are who was frozen and not reached by e-mail, and was not written to by post before.
    The addresses are used and not kept; the ledger notes for each person which text was
    printed. To print is not to tell: record the posting when the post office took them.
    Raises Refused where nothing was frozen.
    """
    of = queries.letter(notice.obligation, notice.kind)
    campaigns = [
        each for each in queries.campaigns_of(tx.session, incident.id) if each.letter == of
    ]
    if not campaigns:
        raise Refused("nothing is frozen for this notice; run: breachdesk delivery freeze")
    data = datamap.current(tx.session)
    printing = _Printing(tx, campaigns, notice, postal, notice_queries.audiences(data))
    letters: list[PaperLetter] = []
    without = 0
    for batch in rules.batches(people, BATCH):
        known = {each.person_key: each for each in batch}
        held = ((person, HELD) for person in known)
        found = list(queries.elsewhere(tx.session, tx.vault, incident.id, held, of))
        by_post = [
            known[each.person]
            for each in found
            if each.channel is Channel.LETTER and each.person in postal
        ]
        letters += printing.letters(by_post)
        without += sum(each.told_by is None and each.person not in postal for each in found)
    organisation = data.organisation
    address = organisation.address
    tx.record(
        campaigns[-1],
        letters=len(letters),
        without_address=without,
        digest=rules.digest("\n".join(sorted(each.code for each in letters)).encode()),
    )
    return Print(
        letters=tuple(letters),
        without_address=without,
        sender=(organisation.name, *address.lines, f"{address.postcode} {address.city}"),
        reference=incident.reference,
    )


class _Printing:
    """Fills in the text each person was approved for, and numbers letters without a message."""

    def __init__(
        self,
        tx: Transaction,
        campaigns: Sequence[Campaign],
        notice: ToTell,
        postal: Mapping[str, Postal],
        audience: Callable[[tuple[str, ...]], str],
    ) -> None:
        self._tx, self._postal = tx, postal
        self._languages, self._audience = tuple(notice.languages), audience
        self._campaigns = {each.id: each for each in campaigns}
        self._texts = {
            each.id: {
                text.key: text
                for text in notice_queries.variants_of(tx.session, each.notice_id)
            }
            for each in campaigns
        }
        self._key = queries.secret(tx.vault, campaigns[0].incident_id, tx.session)

    def letters(self, people: Sequence[Person]) -> list[PaperLetter]:
        """Return a letter for each of a batch of people who are in the campaigns."""
        marks = {rules.mark(self._key, "person", each.person_key): each for each in people}
        rows = self._tx.session.scalars(
            select(Delivery)
            .where(
                Delivery.campaign_id.in_(self._campaigns),
                Delivery.person_mark.in_(marks),
                Delivery.superseded.is_(False),
            )
            .order_by(Delivery.id)
        )
        return [self._letter(row, marks[row.person_mark]) for row in rows]

    def _letter(self, row: Delivery, person: Person) -> PaperLetter:
        campaign = self._campaigns[row.campaign_id]
        if row.message is None:
            campaign.printed += 1
            row.message = campaign.messages + campaign.printed
        who = reader(person, self._audience)
        key = notices.variant_key(
            who.locale, who.role, who.categories, self._languages, who.audience
        )
        text = self._texts[campaign.id].get(key)
        if text is None:
            raise Refused("somebody has no approved text for their data; draft it again")
        row.note = f"on paper in {text.locale}: {text.digest}"
        code = rules.reference_code(self._key, campaign.name, row.message)
        return PaperLetter(
            person=person.person_key,
            to=self._postal[person.person_key].lines,
            language=text.locale,
            subject=notices.fill(text.subject, {"code": code}),
            text=notices.fill(text.text_frame, {"code": code}),
            code=code,
            digest=text.digest,
        )

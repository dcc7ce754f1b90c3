"""What can be done to a notice: one function a command, one transaction, one trail entry."""

import hashlib
from collections.abc import Sequence

from pydantic import TypeAdapter
from sqlalchemy import select

from breachdesk.audit.transaction import Transaction, command
from breachdesk.incidents.queries import Incident
from breachdesk.kernel.errors import Refused
from breachdesk.kernel.states import NotFromHere, advance
from breachdesk.law.terms import Law
from breachdesk.notices import queries, rules
from breachdesk.notices.models import Approval, CustomerBook, Notice, NoticeVariant
from breachdesk.notices.terms import (
    APPROVERS,
    Addressee,
    Finding,
    Letter,
    NoticeDraft,
    Stage,
    Story,
    Variant,
)


class IncompleteNotice(Refused):
    """The notice lacks required content, or says what it must not."""


class StaleNotice(Refused):
    """The facts have changed since the notice was drafted; it must be drafted again."""


class ApprovedAlready(Refused):
    """This member has approved this text; another must."""


class NotApproved(NotFromHere):
    """Two members have still to approve the text before anybody is sent it."""


class AlteredNotice(Refused):
    """A text does not match its digest: it was changed behind the desk's back."""


@command("notices.draft")
def draft(tx: Transaction, incident: Incident, draft: NoticeDraft) -> Notice:
    """Keep a notice as it was rendered; an earlier version not yet sent becomes void.

    Whatever had been approved must be approved anew. A draft that says what the latest version
    says changes nothing, and keeps its approvals.
    """
    digests = {each.key: rules.message_digest(each.frame) for each in draft.variants}
    content = rules.content_digest(
        draft.story.scope_digest,
        ((each.key, each.people, digests[each.key]) for each in draft.variants),
    )
    facts = rules.facts_digest(draft.story)
    kind = draft.story.kind
    earlier = queries.latest(tx.session, incident.id, draft.obligation, kind)
    if earlier is not None:
        if (earlier.content_digest, earlier.facts_digest) == (content, facts):
            tx.record(earlier, version=earlier.version, unchanged=True)
            return earlier
        if Stage(earlier.stage) in {Stage.DRAFT, Stage.APPROVED}:
            _move(earlier, Stage.VOID)
    notice = Notice(
        id=tx.new_id(),
        incident_id=incident.id,
        obligation=draft.obligation,
        kind=kind,
        version=1 if earlier is None else earlier.version + 1,
        stage=Stage.DRAFT.value,
        ring=draft.story.ring,
        scope_version=draft.scope_version,
        scope_digest=draft.story.scope_digest,
        template_version=draft.template_version,
        languages=list(draft.story.languages),
        told=TypeAdapter(Story).dump_python(draft.story, mode="json"),
        facts_digest=facts,
        content_digest=content,
        drafted_at=tx.now,
        drafted_by=tx.actor.name,
    )
    tx.session.add(notice)
    tx.session.flush()  # its texts refer to it, and no relationship orders the two
    tx.session.add_all(_row(tx, notice, each, digests[each.key]) for each in draft.variants)
    tx.record(
        notice,
        obligation=notice.obligation,
        kind=kind,
        version=notice.version,
        scope_version=notice.scope_version,
        variants=len(draft.variants),
        people=sum(each.people for each in draft.variants),
        content_digest=content,
        facts_digest=facts,
        replaces=None if earlier is None else earlier.id,
    )
    return notice


@command("notices.name_customers")
def name_customers(
    tx: Transaction, incident: Incident, customers: Sequence[Addressee]
) -> CustomerBook:
    """Keep where the customers are alerted, sealed; it replaces what was named before."""
    clear = TypeAdapter(list[Addressee]).dump_json(list(customers))
    id_ = tx.new_id()
    book = CustomerBook(
        id=id_,
        incident_id=incident.id,
        sealed=tx.vault.seal(incident.id, clear, label=queries.book_label(id_)),
        digest=f"sha256:{hashlib.sha256(clear).hexdigest()}",
        customers=len(customers),
        named_at=tx.now,
        named_by=tx.actor.name,
    )
    tx.session.add(book)
    tx.record(book, incident=incident.id, customers=book.customers, digest=book.digest)
    return book


@command("notices.approve")
def approve(
    tx: Transaction, notice: Notice, law: Law, *, rehearsed: bool | None = None
) -> Notice:
    """Approve exactly this text; the second different member makes it approved.

    The author may be one of the two: at night a third person may not be awake, and the law
    asks that people hear without undue delay. Whether the texts were `rehearsed`, where a
    carrier has a sandbox, is written down with the approval.

    Raises IncompleteNotice while anything is missing, StaleNotice where the facts have moved,
    ApprovedAlready, AlteredNotice.
    """
    held = _hold(tx, notice)
    if Stage(held.stage) is not Stage.DRAFT:
        advance(rules.STAGES, Stage(held.stage), Stage.APPROVED)
    _must_be_whole(tx, held)
    review = queries.review(tx.session, law, held)
    if review.changed:
        names = ", ".join(review.changed)
        raise StaleNotice(f"the facts have changed since the draft ({names}); draft it again")
    if review.missing:
        raise IncompleteNotice(_first(review.missing))
    if tx.actor.member_id in review.approvers:
        raise ApprovedAlready(f"{tx.actor.name} has approved already; another member must")
    approval = Approval(
        id=tx.new_id(),
        notice_id=held.id,
        member_id=tx.actor.member_id,
        member=tx.actor.name,
        at=tx.now,
        digest=held.content_digest,
    )
    tx.session.add(approval)
    pairs = [
        (each.member_id, each.digest) for each in queries.approvals_of(tx.session, held.id)
    ]
    if rules.is_approved(held.content_digest, pairs):
        _move(held, Stage.APPROVED)
        held.approved_at = tx.now
    tx.record(
        held,
        version=held.version,
        stage=held.stage,
        content_digest=held.content_digest,
        facts_digest=held.facts_digest,
        law_version=law.version,
        approvals=len(pairs),
        **({} if rehearsed is None else {"rehearsed": rehearsed}),
    )
    return held


@command("notices.freeze")
def freeze(tx: Transaction, notice: Notice) -> Notice:
    """Hand an approved notice to delivery: it stays as it is for good.

    A notice that is frozen already may go to people found later. Raises NotApproved for a
    draft, NotFromHere for any other stage, AlteredNotice.
    """
    held = _hold(tx, notice)
    if Stage(held.stage) is Stage.DRAFT:
        done = len(queries.approvals_of(tx.session, held.id))
        reference = queries.incident(tx.session, held.incident_id).reference
        raise NotApproved(
            f"the notice is not approved yet ({done} of {APPROVERS}): two members approve it "
            f"with: breachdesk notice approve {reference} --as MEMBER"
        )
    _must_be_whole(tx, held)
    if Stage(held.stage) is not Stage.FROZEN:
        _move(held, Stage.FROZEN)
        held.frozen_at = tx.now
    tx.record(held, version=held.version, stage=held.stage, content_digest=held.content_digest)
    return held


def _hold(tx: Transaction, notice: Notice) -> Notice:
    """Return the row as it is now, held so that two approvers see each other."""
    return tx.session.scalars(
        select(Notice)
        .where(Notice.id == notice.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _must_be_whole(tx: Transaction, notice: Notice) -> None:
    found = [
        (each.key, each.people, rules.message_digest(queries.frame_of(each)))
        for each in queries.variants_of(tx.session, notice.id)
    ]
    if rules.content_digest(notice.scope_digest, found) != notice.content_digest:
        raise AlteredNotice("the texts do not match their digest; draft the notice again")


def _move(notice: Notice, to: Stage) -> None:
    notice.stage = advance(rules.STAGES, Stage(notice.stage), to).value


def _first(missing: tuple[Finding, ...]) -> str:
    first, more = missing[0], len(missing) - 1
    place = f" ({first.language})" if first.language else ""
    rest = f" (and {more} more; run: breachdesk notice check)" if more else ""
    return f"the notice lacks {first.code}{place}: {first.sentence['en']}{rest}"


def _row(tx: Transaction, notice: Notice, variant: Variant, digest: str) -> NoticeVariant:
    return NoticeVariant(
        id=tx.new_id(),
        notice_id=notice.id,
        key=variant.key,
        locale=variant.locale,
        role=variant.role,
        categories=list(variant.categories),
        people=variant.people,
        letter=TypeAdapter(Letter).dump_python(variant.letter, mode="json"),
        subject=variant.frame.subject,
        text_frame=variant.frame.text,
        html_frame=variant.frame.html,
        digest=digest,
    )

"""Notices on both databases: drafted, checked, approved by two, voided by any change."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from breachdesk.audit.models import AuditEntry
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.incidents import commands as incidents
from breachdesk.incidents.models import Incident
from breachdesk.incidents.terms import MeasureDraft, Phase
from breachdesk.kernel.errors import Forbidden, Unknown
from breachdesk.kernel.states import NotFromHere
from breachdesk.law.terms import Law
from breachdesk.notices import commands, queries
from breachdesk.notices.commands import (
    AlteredNotice,
    ApprovedAlready,
    IncompleteNotice,
    StaleNotice,
)
from breachdesk.notices.errands import NobodyToTell
from breachdesk.notices.models import NoticeVariant
from breachdesk.notices.queries import NoScope, NoticeRow
from breachdesk.notices.terms import CUSTOMERS, PEOPLE, Order, Review, Words
from breachdesk.obligations import commands as obligations
from breachdesk.scoping.terms import Group, Ring
from conftest import FixedClock, someone

Draft = Callable[..., NoticeRow]
Measure = Callable[..., None]

KEYS = [
    "en.controller.identification_contact+session_or_api_token",
    "fr.controller.identification_contact",
    "fr.controller.identification_contact+session_or_api_token",
    "fr.controller.no_account.identification_contact",
]


def approve(transactions: Transactions, law: Law, notice: NoticeRow, *actors: Actor) -> str:
    """Let each actor approve in a transaction of their own, and return the stage."""
    stage = notice.stage
    for actor in actors:
        with transactions.open(actor) as tx:
            stage = commands.approve(tx, notice, law).stage
    return stage


def review(transactions: Transactions, law: Law, notice: NoticeRow) -> Review:
    with transactions.reading(notice.organisation_id) as session:
        return queries.review(session, law, notice)


class TestDraft:
    def test_writes_one_text_per_language_and_set_of_data(
        self, transactions: Transactions, draft: Draft, law: Law
    ) -> None:
        notice = draft()

        with transactions.reading(notice.organisation_id) as session:
            texts = queries.variants_of(session, notice.id)
            assert [(each.key, each.people) for each in texts] == list(
                zip(KEYS, [25, 700, 40, 2], strict=True)
            )
            assert queries.recipients(session, notice) == 767
        assert notice.version == 1
        assert notice.languages == ["fr", "en"]
        assert review(transactions, law, notice).missing == ()

    def test_warns_of_readers_whose_language_it_does_not_speak(
        self, transactions: Transactions, draft: Draft, law: Law, measure: Measure
    ) -> None:
        assert review(transactions, law, draft()).warnings == ()
        spoken = (("de", 12), ("de_AT", 3), ("nl", 4), ("fr-CH", 9), (None, 2))
        data = ("controller", "accounts", ("identification_contact",))
        measure(tuple(Group(Ring.PROVEN, each, *data, people) for each, people in spoken))

        [warning] = review(transactions, law, draft()).warnings
        assert (warning.code, warning.blocking) == ("language_fallback", False)
        for language in ("fr", "en"):
            assert "de (15), nl (4)." in warning.sentence[language]

    def test_writes_to_the_ring_asked_for(
        self, transactions: Transactions, draft: Draft
    ) -> None:
        notice = draft(ring="reachable")

        with transactions.reading(notice.organisation_id) as session:
            assert queries.recipients(session, notice) == 9_000

    def test_writes_one_alert_per_language_to_customers(
        self, transactions: Transactions, draft: Draft, law: Law
    ) -> None:
        notice = draft(obligation=CUSTOMERS)

        with transactions.reading(notice.organisation_id) as session:
            texts = queries.variants_of(session, notice.id)
            assert [each.key for each in texts] == ["en.processor.", "fr.processor."]
            assert queries.recipients(session, notice) == 3
            assert set(queries.letter_of(texts[0]).glossary) == {
                "messages_content", "session_or_api_token",
            }  # fmt: skip
        assert review(transactions, law, notice).missing == ()

    def test_makes_a_new_version_of_any_change_and_voids_the_last(
        self, transactions: Transactions, draft: Draft, law: Law
    ) -> None:
        first = draft()
        approve(transactions, law, first, someone("Ada", 3), someone("Bela", 4))

        second = draft(words={"en": Words("Other words."), "fr": Words("D’autres mots.")})

        with transactions.reading(first.organisation_id) as session:
            stages = [each.stage for each in queries.versions(session, first.incident_id)]
            assert stages == ["void", "draft"]
            assert queries.approvals_of(session, second.id) == []
        with pytest.raises(NotFromHere):
            approve(transactions, law, first, someone("Cleo", 5))

    def test_changes_nothing_where_it_says_the_same(
        self, transactions: Transactions, draft: Draft, law: Law, clock: FixedClock
    ) -> None:
        first = draft()
        approve(transactions, law, first, someone("Ada", 3))
        clock.pass_time(timedelta(hours=1))

        second = draft(words={})

        assert second.id == first.id
        assert approve(transactions, law, second, someone("Bela", 4)) == "approved"

    def test_needs_a_scope(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with (
            transactions.reading(actor.organisation_id) as session,
            pytest.raises(NoScope, match="breachdesk scope measure"),
        ):
            queries.scope_of(session, incident)

    def test_needs_somebody_to_tell(self, draft: Draft, measure: Measure) -> None:
        measure((), "sha256:2")

        with pytest.raises(NobodyToTell):
            draft()

    def test_holds_no_markup_of_what_was_typed(
        self, transactions: Transactions, draft: Draft
    ) -> None:
        notice = draft(words={"fr": Words("<b>{{ 1 }}</b>"), "en": Words("<b>{{ 1 }}</b>")})

        with transactions.reading(notice.organisation_id) as session:
            for each in queries.variants_of(session, notice.id):
                assert "&lt;b&gt;{{ 1 }}&lt;/b&gt;" in each.html_frame


class TestApprove:
    def test_takes_two_different_members(
        self,
        transactions: Transactions,
        draft: Draft,
        law: Law,
        actor: Actor,
        second_actor: Actor,
    ) -> None:
        notice = draft()

        assert approve(transactions, law, notice, actor) == "draft"
        with pytest.raises(ApprovedAlready):
            approve(transactions, law, notice, actor)
        assert approve(transactions, law, notice, second_actor) == "approved"
        with pytest.raises(NotFromHere):
            approve(transactions, law, notice, someone("Cleo", 5))

    def test_is_refused_while_content_is_missing(
        self, transactions: Transactions, draft: Draft, law: Law, actor: Actor
    ) -> None:
        with transactions.open(actor) as tx:
            incident = queries.incident(tx.session, draft().incident_id)
            incidents.add_measure(
                tx,
                tx.session.merge(incident),
                MeasureDraft(phase=Phase.AFTER, text={"fr": "Nous changeons les clés"}),
            )
        notice = draft()

        with pytest.raises(IncompleteNotice, match=r"measures \(en\)"):
            approve(transactions, law, notice, actor)

        assert review(transactions, law, notice).approvers == ()

    def test_is_refused_once_the_facts_have_moved(
        self, transactions: Transactions, draft: Draft, law: Law, actor: Actor, ready: Incident
    ) -> None:
        notice = draft()
        approve(transactions, law, notice, someone("Ada", 3))
        with transactions.open(actor) as tx:
            incidents.correct(
                tx,
                tx.session.merge(ready),
                {"ended_at": ready.ended_at and ready.ended_at + timedelta(minutes=5)},
                "a later row was found",
            )

        with pytest.raises(StaleNotice, match="ended_at"):
            approve(transactions, law, notice, actor)

        assert review(transactions, law, notice).changed == ("ended_at",)

    def test_is_refused_once_the_scope_was_measured_anew(
        self, transactions: Transactions, draft: Draft, law: Law, measure: Measure, actor: Actor
    ) -> None:
        notice = draft()
        measure(result="sha256:other")

        with pytest.raises(StaleNotice, match="scope_digest"):
            approve(transactions, law, notice, actor)

    def test_stands_when_the_authority_is_told_meanwhile(
        self, transactions: Transactions, draft: Draft, law: Law, actor: Actor, ready: Incident
    ) -> None:
        notice = draft()
        with transactions.open(actor) as tx:
            obligations.fulfil(tx, ready, queries.AUTHORITY_TOLD, tx.now, "receipt 1")

        assert approve(transactions, law, notice, actor) == "draft"
        assert draft(words={}).version == 2

    def test_is_refused_for_a_text_changed_behind_its_back(
        self, transactions: Transactions, draft: Draft, law: Law, actor: Actor
    ) -> None:
        notice = draft()
        with transactions.open(actor) as tx:
            tx.session.execute(
                update(NoticeVariant)
                .where(NoticeVariant.notice_id == notice.id)
                .values(subject="Win a prize")
            )

        with pytest.raises(AlteredNotice):
            approve(transactions, law, notice, actor)

    def test_is_for_those_who_may(
        self, transactions: Transactions, draft: Draft, law: Law, actor: Actor
    ) -> None:
        stranger = Actor(actor.member_id, "Stranger", actor.organisation_id, frozenset())

        with pytest.raises(Forbidden):
            approve(transactions, law, draft(), stranger)

    def test_leaves_a_trail_without_anybodys_data(
        self, transactions: Transactions, draft: Draft, law: Law, actor: Actor
    ) -> None:
        notice = draft()
        approve(transactions, law, notice, actor)

        with transactions.reading(actor.organisation_id) as session:
            entries = session.scalars(
                select(AuditEntry).where(AuditEntry.subject_id == notice.id)
            ).all()
        assert [each.action for each in entries] == ["notices.draft", "notices.approve"]
        assert entries[1].details["content_digest"] == notice.content_digest
        assert entries[1].details["law_version"] == law.version


class TestFreeze:
    def test_needs_approval_and_lasts(
        self,
        transactions: Transactions,
        draft: Draft,
        law: Law,
        actor: Actor,
        second_actor: Actor,
    ) -> None:
        notice = draft()
        with pytest.raises(NotFromHere), transactions.open(actor) as tx:
            commands.freeze(tx, notice)
        approve(transactions, law, notice, actor, second_actor)

        for _ in range(2):  # people found later get the same letter
            with transactions.open(actor) as tx:
                assert commands.freeze(tx, notice).stage == "frozen"

        draft(words={"fr": Words("Autre chose."), "en": Words("Something else.")})
        with transactions.reading(actor.organisation_id) as session:
            stages = [each.stage for each in queries.versions(session, notice.incident_id)]
        assert stages == ["frozen", "draft"]


class TestPreview:
    def test_is_the_text_with_the_readers_values(
        self, transactions: Transactions, draft: Draft
    ) -> None:
        notice = draft()

        with transactions.reading(notice.organisation_id) as session:
            text = queries.variant(session, notice.id, language="fr")
            message = queries.preview(session, notice, text, {"code": "ABCD-1"})
        assert text.key == KEYS[1]
        assert "Votre code pour ce message\u00a0: ABCD-1" in message.text
        assert "ABCD-1</strong>" in message.html
        assert message.text == text.text_frame.replace("-bdt.code-", "ABCD-1")

    def test_names_the_texts_there_are(self, transactions: Transactions, draft: Draft) -> None:
        notice = draft()

        with (
            transactions.reading(notice.organisation_id) as session,
            pytest.raises(Unknown, match=KEYS[2].replace("+", r"\+")),
        ):
            queries.variant(session, notice.id, key="xx")


class TestLatest:
    def test_is_none_before_the_first(
        self, transactions: Transactions, actor: Actor, incident: Incident
    ) -> None:
        with transactions.reading(actor.organisation_id) as session:
            assert queries.latest(session, incident.id, PEOPLE) is None

    def test_can_be_found_by_id(self, transactions: Transactions, draft: Draft) -> None:
        notice = draft()

        with transactions.reading(notice.organisation_id) as session:
            assert queries.by_id(session, notice.id).content_digest == notice.content_digest
            with pytest.raises(Unknown):
                queries.by_id(session, notice.incident_id)

    def test_told_its_facts(
        self, transactions: Transactions, draft: Draft, law: Law, ready: Incident
    ) -> None:
        notice = draft()

        with transactions.reading(notice.organisation_id) as session:
            order = Order(ready.id, words=queries.words_of(notice))
            present = queries.story(session, law, ready, order)
        told = queries.told(notice)
        assert told.measures == present.measures
        assert told.authority.address.startswith("3 place de Fontenoy, TSA 80715")
        assert told.dpo.email == "dpo@leadjet.io"

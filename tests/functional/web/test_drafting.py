"""Notices drafted at the desk, of every kind; nothing typed is lost."""

import pytest

from breachdesk.audit.terms import Actor
from breachdesk.desk import Desk
from breachdesk.incidents import queries as incidents
from breachdesk.notices import queries
from breachdesk.notices.terms import CUSTOMERS, PUBLIC
from web_face import Visit, whole_breach


@pytest.fixture
def reference(desk: Desk, actor: Actor) -> str:
    return whole_breach(desk, actor)


class TestMeasures:
    def test_are_quoted_in_every_language_of_the_readers(
        self, awa: Visit, reference: str, desk: Desk, actor: Actor
    ) -> None:
        asked = awa.get(f"/incidents/{reference}/measure").text
        assert all(f'name="text_{each}"' in asked for each in ("fr", "en", "de", "nl"))

        told = {"text_fr": "Jeton révoqué.", "text_de": "Schlüssel gesperrt.", "phase": "after"}
        assert awa.post(f"/incidents/{reference}/measure", told).status_code == 303

        with desk.transactions.reading(actor.organisation_id) as session:
            kept = incidents.measures_of(session, incidents.by_reference(session, reference).id)
        assert {"fr": "Jeton révoqué.", "de": "Schlüssel gesperrt."} in [m.text for m in kept]


class TestDraft:
    def test_shows_the_words_of_the_last_draft(self, awa: Visit, reference: str) -> None:
        page = awa.get(f"/incidents/{reference}/notices/draft")

        assert page.status_code == 200
        assert 'name="what_happened-fr"' in page.text
        assert 'name="what_happened-nl"' in page.text
        assert 'name="news-fr"' not in page.text

    def test_makes_a_new_version_from_what_is_typed(
        self, awa: Visit, reference: str, desk: Desk, actor: Actor
    ) -> None:
        answer = awa.post(
            f"/incidents/{reference}/notices/draft",
            {
                "obligation": "gdpr.34.people",
                "what_happened-fr": "Une clé a été volée.",
                "what_happened-en": "A key was stolen.",
                "not_touched-fr": "Les mots de passe\n\nLes factures\n",
                "not_touched-en": "Passwords\nInvoices\n",
            },
        )

        assert answer.status_code == 303
        page = awa.get(answer.headers["Location"])
        assert page.status_code == 200
        with desk.transactions.reading(actor.organisation_id) as session:
            incident = incidents.by_reference(session, reference)
            notice = queries.latest(session, incident.id)
            assert notice is not None
            words = queries.words_of(notice)
        assert notice.version == 2
        assert words["fr"].not_touched == ("Les mots de passe", "Les factures")

    def test_keeps_what_was_typed_where_it_cannot_be_drafted(
        self, ben: Visit, reference: str
    ) -> None:
        answer = ben.post(
            f"/incidents/{reference}/notices/draft",
            {"kind": "follow_up", "news-en": "Two more stores.", "what_happened-en": "Theft."},
        )

        assert answer.status_code == 422
        assert "Nobody was told yet" in answer.text
        assert "Two more stores." in answer.text

    @pytest.mark.parametrize("obligation", [CUSTOMERS, PUBLIC])
    def test_writes_to_customers_and_to_the_public(
        self, awa: Visit, reference: str, obligation: str
    ) -> None:
        answer = awa.post(
            f"/incidents/{reference}/notices/draft",
            {"obligation": obligation, "ring": "population"},
        )

        assert answer.status_code == 303
        assert awa.get(answer.headers["Location"]).status_code == 200
        assert awa.get(f"/incidents/{reference}").status_code == 200


class TestCustomers:
    def test_are_kept_and_counted(self, ben: Visit, reference: str) -> None:
        rows = "customer;email\norg_1;dpo@one.example\norg_2;dpo@two.example\n"

        answer = ben.post(f"/incidents/{reference}/notices/customers", {"rows": rows})

        assert answer.status_code == 303
        page = ben.get(answer.headers["Location"])
        assert "2 customers named" in page.text
        assert "one.example" not in page.text

    def test_are_refused_with_what_was_typed(self, ben: Visit, reference: str) -> None:
        answer = ben.post(f"/incidents/{reference}/notices/customers", {"rows": "name\nx\n"})

        assert answer.status_code == 422
        assert "A column is missing" in answer.text

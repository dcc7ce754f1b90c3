import re
from datetime import date
from pathlib import Path

import pytest

from breachdesk.kernel.errors import Unknown
from breachdesk.law.reading import read_packs
from breachdesk.law.terms import Duty, Kind, Nature, Roll, Status

LAW = read_packs()
VALUES = [duty for pack in LAW.packs for duty in pack.duties]
TODAY = date(2026, 11, 22)
MISTYPED = re.compile(r"[^\u00a0\u202f\d][:;?!»](?:\s|$)|«[^\u00a0\u202f]")


def named(duty: Duty) -> str:
    return f"{duty.code}@{duty.valid_from}"


class TestEveryValue:
    @pytest.mark.parametrize("duty", VALUES, ids=named)
    def test_has_article_source_and_day(self, duty: Duty) -> None:
        assert duty.article.strip()
        assert duty.source.strip()
        assert date(1995, 1, 1) <= duty.valid_from <= TODAY

    @pytest.mark.parametrize("duty", VALUES, ids=named)
    def test_speaks_both_languages(self, duty: Duty) -> None:
        for words in (duty.label, duty.addressee_label, duty.note or duty.label):
            assert set(words) == {"fr", "en"}
            assert words["fr"] != words["en"] or words["fr"].isupper()

    @pytest.mark.parametrize("duty", VALUES, ids=named)
    def test_is_typeset_as_french_asks(self, duty: Duty) -> None:
        for words in (duty.label, duty.addressee_label, duty.note or duty.label):
            assert not MISTYPED.search(words["fr"]), words["fr"]
            assert "'" not in words["fr"]

    @pytest.mark.parametrize("duty", VALUES, ids=named)
    def test_rolls_over_no_hours(self, duty: Duty) -> None:
        assert duty.roll is Roll.NONE or duty.period.kind is not Kind.ELAPSED_HOURS


class TestTheLaw:
    def test_knows_every_regime(self) -> None:
        assert {pack.id for pack in LAW.packs} == {
            "ch-dpa", "contracts", "eu-cra", "eu-dora", "eu-eidas", "eu-gdpr", "eu-nis2",
            "eu-omnibus", "eu-telecoms", "fr-cnil", "fr-editors", "fr-health", "fr-lopmi",
            "fr-oiv", "uk-gdpr", "us-california", "us-hipaa", "us-new-york", "us-states",
        }  # fmt: skip

    def test_is_named_by_a_digest_that_does_not_change(self) -> None:
        assert re.fullmatch(r"sha256:[0-9a-f]{64}", LAW.version)
        assert read_packs().version == LAW.version

    def test_binds_by_what_is_in_force_alone(self) -> None:
        assert {duty.status for duty in LAW.duties(TODAY)} == {Status.IN_FORCE}

    def test_keeps_72_hours_until_the_omnibus_is_law(self) -> None:
        [authority] = [d for d in LAW.duties(TODAY) if d.code == "gdpr.33.authority"]

        assert authority.period.amount == 72
        assert "omnibus.33.authority" not in {duty.code for duty in LAW.duties(TODAY)}

    def test_shows_what_is_voluntary_only_where_its_pack_is_asked_for(self) -> None:
        asked = LAW.duties(TODAY, ["eu-nis2"])

        assert {duty.status for duty in asked} == {Status.VOLUNTARY}
        assert len(asked) == 3

    def test_shows_a_pack_once_however_often_it_is_asked_for(self) -> None:
        assert len(LAW.duties(TODAY, ["eu-gdpr", "eu-gdpr"])) == 3

    def test_calls_no_hope_of_an_authority_a_duty(self) -> None:
        [complement] = LAW.values_of("cnil.33.complement")

        assert complement.nature is Nature.EXPECTATION
        said = " ".join((*complement.label.values(), *(complement.note or {}).values()))
        assert "legal deadline" not in said.casefold()
        assert "délai légal" not in said.casefold()

    def test_has_one_value_a_day_for_each_duty(self) -> None:
        for day in (date(2021, 5, 1), date(2025, 8, 19), date(2025, 8, 20), TODAY):
            codes = [duty.code for duty in LAW.duties(day)]
            assert len(codes) == len(set(codes))

    def test_gives_the_authority_with_its_address(self) -> None:
        cnil = LAW.authority("fr-cnil")

        assert "TSA 80715" in cnil.address
        assert "75334 Paris Cedex 07" in cnil.address
        assert cnil.portal == "https://notifications.cnil.fr/notifications/index"

    def test_asks_a_notification_for_the_contents_of_article_33_3(self) -> None:
        assert {content.code for content in LAW.contents("gdpr.33.authority", TODAY)} == {
            "nature", "people", "records", "contact", "consequences", "measures",
        }  # fmt: skip

    def test_asks_a_message_to_people_for_the_contents_of_article_34_2(self) -> None:
        assert {content.code for content in LAW.contents("gdpr.34.people", TODAY)} == {
            "nature", "contact", "consequences", "measures",
        }  # fmt: skip

    def test_asked_nothing_before_it_applied(self) -> None:
        assert LAW.contents("gdpr.34.people", date(2018, 5, 24)) == ()

    def test_says_what_it_knows_where_a_name_is_unknown(self) -> None:
        with pytest.raises(Unknown, match=r"'eu-gdrp'.*eu-gdpr"):
            LAW.duties(TODAY, ["eu-gdrp"])
        with pytest.raises(Unknown, match=r"'cnil'.*fr-cnil"):
            LAW.authority("cnil")
        with pytest.raises(Unknown, match=r"gdpr\.33\.authority"):
            LAW.values_of("gdpr.33")

    def test_is_named_pack_by_pack_where_lawyers_read(self) -> None:
        guide = Path(__file__).parents[3] / "runbooks" / "maintaining" / "law.md"
        text = guide.read_text("utf-8")

        assert [pack.id for pack in LAW.packs if f"`{pack.id}`" not in text] == []

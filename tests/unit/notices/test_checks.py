"""What a notice must not do."""

from dataclasses import replace

import pytest

from breachdesk.adapters.jinja_renderer import JinjaRenderer
from breachdesk.notices import rules
from breachdesk.notices.errands import render
from breachdesk.notices.rules import readings
from breachdesk.notices.terms import Library, Message, Readers, Story, Variant, Words


@pytest.fixture
def variants(story: Story, library: Library, renderer: JinjaRenderer) -> list[Variant]:
    readers = [Readers(each, "controller", ("bank_account",), 2) for each in ("en", "fr")]
    return render(renderer, story, library, readers)


@pytest.fixture
def english(variants: list[Variant]) -> Variant:
    return variants[0]


def codes(variant: Variant, frame: Message, *, blocking: bool = True) -> list[str]:
    found = rules.check(variant.letter, frame)
    return [each.code for each in found if each.blocking is blocking]


def also(frame: Message, text: str, html: str | None = None) -> Message:
    """Add a paragraph to both parts."""
    shown = f"<p>{text}</p>" if html is None else html
    return replace(
        frame,
        text=f"{frame.text}\n{text}\n",
        html=frame.html.replace("</body>", f"{shown}</body>"),
    )


class TestCheck:
    def test_finds_nothing_in_a_whole_notice(self, english: Variant) -> None:
        assert codes(english, english.frame) == []

    @pytest.mark.parametrize(
        "text",
        [
            "See evil.com for more.",
            "See https://evil.example/notice now.",
            "See www.exemple.example.evil.net now.",
            "Write to help@exemple-support.com now.",
            "See HTTPS://exemple.example@10.0.0.1/x now.",
            "See exemple-aide.pl now.",
            "See www.exemple.museum now.",
            "Write to help@exemple.international now.",
            "See xn--exmple-cua.xn--p1ai now.",
        ],
    )
    def test_finds_an_address_that_is_not_ours(self, english: Variant, text: str) -> None:
        assert "foreign_link" in codes(english, also(english.frame, text))

    @pytest.mark.parametrize(
        "text",
        [
            "Type exemple.example or help.exemple.example yourself.",
            "Type www.exemple.example yourself.",
            "See www.cnil.fr or cnil.fr for more.",
            "Write to dpo@exemple.example now.",
            "On 20.11.2026 at 14.30, e.g. today.",
        ],
    )
    def test_lets_our_own_and_public_addresses_stand(self, english: Variant, text: str) -> None:
        assert codes(english, also(english.frame, text)) == []

    @pytest.mark.parametrize(
        "path", ["login", "account/sign-in?next=1", "mot-de-passe", "reset", "connexion"]
    )
    def test_finds_a_link_to_log_in(self, english: Variant, path: str) -> None:
        text = f"Go to https://exemple.example/{path} now."

        assert codes(english, also(english.frame, text)) == ["login_link"]

    def test_finds_any_link_to_click(self, english: Variant) -> None:
        html = '<p>See <a href="https://exemple.example/">exemple.example</a></p>'

        assert codes(english, also(english.frame, "See exemple.example", html)) == ["link"]

    @pytest.mark.parametrize(
        "html",
        [
            '<img alt="" src="https://exemple.example/pixel.gif">',
            "<script></script>",
            '<link rel="stylesheet" href="mailto:x">',
            '<table background="x"></table>',
            '<p style="background:url(x)"></p>',
            '<p onclick="x"></p>',
            "<style>@import 'x'</style>",
            '<meta http-equiv="refresh">',
            '<form action="x"></form>',
        ],
    )
    def test_finds_what_fetches_or_runs(self, english: Variant, html: str) -> None:
        assert "remote_content" in codes(english, also(english.frame, "", html))

    def test_finds_where_the_parts_differ(self, english: Variant) -> None:
        frame = replace(english.frame, html=english.frame.html.replace("Hello", "Goodbye"))

        found = rules.check(english.letter, frame)

        assert [each.code for each in found] == ["parts_differ"]
        assert "hello" in found[0].sentence["en"]

    def test_finds_a_part_that_says_more_at_its_end(self, english: Variant) -> None:
        frame = replace(english.frame, text=english.frame.text + "Buy now\n")

        assert codes(english, frame) == ["parts_differ"]

    def test_finds_a_message_that_is_cut_by_mail_programs(self, english: Variant) -> None:
        assert codes(english, also(english.frame, "word " * 10_000)) == ["size"]

    @pytest.mark.parametrize("subject", ["", "a" * 79, "Breach\r\nBcc: x", "Breach\x00"])
    def test_finds_a_subject_that_is_none(self, english: Variant, subject: str) -> None:
        assert codes(english, replace(english.frame, subject=subject)) == ["subject"]

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("There is no risk for you.", "no_risk"),
            ("Change your password now.", "password"),
            ("Ask have I been pwned.", "leak_checker"),
        ],
    )
    def test_finds_what_must_never_be_said(
        self, english: Variant, text: str, code: str
    ) -> None:
        assert codes(english, also(english.frame, text)) == [code]

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("We have informed the CNIL.", "authority_told"),
            ("We have filed a complaint with the police.", "complaint_filed"),
        ],
    )
    def test_finds_a_claim_that_no_record_bears_out(
        self, english: Variant, text: str, code: str
    ) -> None:
        frame = Message("s", text, f"<p>{text}</p>")
        unrecorded = replace(english.letter, authority_told=False, complaint_filed=False)

        assert code in {each.code for each in rules.check(unrecorded, frame)}
        assert code not in {each.code for each in rules.check(english.letter, frame)}

    def test_finds_data_that_are_said_to_be_safe_and_are_not(self, english: Variant) -> None:
        wrong = replace(english.letter, not_touched=("Your bank_account, of course",))

        found = {each.code for each in rules.check(wrong, english.frame)}

        assert found == {"contradiction"}

    def test_lets_passwords_be_spoken_of_where_one_was_exposed(self, english: Variant) -> None:
        exposed = replace(english.letter, categories=("credentials_hashed_strong",))
        text = "Change your password; passwords were encrypted."
        frame = Message("s", text, text)

        assert [each.code for each in rules.check(exposed, frame)] == ["encrypted"]

    def test_lets_a_reset_be_told_only_where_a_measure_records_it(
        self, english: Variant
    ) -> None:
        text = "We have reset all passwords."
        recorded = replace(english.letter, measures=(f"{text[:-1]} (done on 1 May 2026).",))

        assert codes(english, also(english.frame, text)) == ["reset_forced"]
        assert "reset_forced" not in {
            each.code for each in rules.check(recorded, also(english.frame, text))
        }

    def test_warns_of_long_sentences_without_blocking(self, english: Variant) -> None:
        frame = also(english.frame, "so " * 41)

        assert codes(english, frame) == []
        assert codes(english, frame, blocking=False) == ["long_sentence"]

    def test_warns_of_text_that_is_hard_to_read(self, english: Variant) -> None:
        text = "Twenty five words are here. ".replace(".", " and more" * 11 + ".") * 3
        frame = Message("Subject", text, text)

        assert "readability" in codes(english, frame, blocking=False)


SPOILED = {
    "See https://exemple.example/login now.": ("login_link", "exemple.example/login"),
    "Write to help@evil.net now.": ("foreign_link", "evil.net"),
    "Please open the attached file.": ("attachment", "the attached file"),
    "We have reported this to the CNIL.": ("authority_told", "reported this to the CNIL"),
    "A complaint was lodged.": ("complaint_filed", "a complaint was lodged"),
    "Your password was reset.": ("reset_forced", "your password was reset"),
    "Choose a new password.": ("password", "choose a new password"),
    "There is no risk for you.": ("no_risk", "no risk"),
    "Write to TSA 80716, Paris.": ("authority_address", "TSA 80715"),
    "Write to dpo@help.exemple.example.": ("dpo_address", "dpo@exemple.example"),
    "word " * 20_000: ("size", "80"),
    "so " * 41: ("long_sentence", "so so so"),
    '<img src="https://exemple.example/p.gif">': ("remote_content", "<img"),
    '<a href="https://exemple.example/">x</a>': ("link", "https://exemple.example/"),
}
"""What somebody writes into a template, which check finds it, and what its sentence names."""


class TestSentences:
    @pytest.mark.parametrize("added", SPOILED, ids=lambda each: SPOILED[each][0])
    def test_name_what_is_wrong_or_what_to_write(self, english: Variant, added: str) -> None:
        code, named = SPOILED[added]
        unrecorded = replace(english.letter, authority_told=False, complaint_filed=False)

        found = rules.check(unrecorded, also(english.frame, added, f"<p>{added}</p>"))

        said = [each.sentence for each in found if each.code == code]
        assert any(named in each["en"] and named in each["fr"] for each in said)
        assert not any("{" in each[language] for each in said for language in ("en", "fr"))

    def test_of_french_words_that_are_untrue(self, variants: list[Variant]) -> None:
        french = variants[1]
        unrecorded = replace(french.letter, authority_told=False, complaint_filed=False)
        text = (
            "Ouvrez le fichier joint. Nous avons saisi la CNIL. Une plainte a été déposée. "
            "Vos mots de passe ont été réinitialisés. Changez vos mots de passe."
        )

        found = {each.code for each in rules.check(unrecorded, also(french.frame, text))}

        assert found >= {
            "attachment",
            "authority_told",
            "complaint_filed",
            "reset_forced",
            "password",
        }

    def test_name_a_number_that_one_language_says_once_more(
        self, variants: list[Variant]
    ) -> None:
        ours, french = variants

        [finding] = rules.agreement([ours, replace(french, frame=also(french.frame, "32"))])

        assert "32 (en)" in finding.sentence["en"]


class TestAgreement:
    def test_finds_nothing_where_languages_agree(self, variants: list[Variant]) -> None:
        assert rules.agreement(variants) == ()

    def test_finds_a_number_that_one_language_gives_otherwise(
        self, story: Story, library: Library, renderer: JinjaRenderer
    ) -> None:
        words = {**story.words, "fr": Words("Clé 13.\n\nDurant 32 heures.", ("2025",))}
        readers = [Readers(each, "controller", ("health",), 2) for each in ("en", "fr")]
        variants = render(renderer, replace(story, words=words), library, readers)

        [finding] = rules.review(variants)

        assert finding.code == "languages_differ"
        assert finding.language == "fr"
        assert "12, 13 (en)" in finding.sentence["en"]

    def test_takes_thousands_as_each_language_types_them_and_says_a_thing_once(
        self, story: Story, library: Library, renderer: JinjaRenderer
    ) -> None:
        typed = {"en": "12,345 rows read.", "fr": "12 345 lignes lues.", "de": "12.346 Zeilen."}
        words = {language: Words(text) for language, text in typed.items()}
        told = replace(story, words=words, dpo=replace(story.dpo, phone="+49 30 123 456"))
        readers = [
            Readers(language, "controller", (category,), 1)
            for language in typed
            for category in ("health", "bank_account")
        ]
        variants = render(renderer, replace(told, languages=tuple(typed)), library, readers)

        found = rules.agreement(variants)

        assert {each.language for each in found} == {"en", "fr"}
        assert [each.sentence["en"].count("12345, 12346 (de)") for each in found] == [1, 1]

    @pytest.mark.parametrize("space", ["\u202f", "\u00a0", " ", "’", "."])
    def test_reads_grouped_digits_as_one_number(self, space: str) -> None:
        assert readings.numbers(f"12{space}345, 1{space}000{space}000, 2026 123; 1,234.5") == [
            5, 123, 1234, 2026, 12345, 1000000,
        ]  # fmt: skip


class TestReview:
    def test_says_a_thing_once_per_language(
        self, story: Story, library: Library, renderer: JinjaRenderer
    ) -> None:
        readers = [
            Readers(language, "controller", (category,), 1)
            for language in ("en", "fr")
            for category in ("health", "bank_account")
        ]
        variants = render(renderer, replace(story, measures=()), library, readers)

        found = rules.review(variants)

        assert [(each.code, each.language) for each in found] == [
            ("measures", "en"),
            ("measures", "fr"),
        ]

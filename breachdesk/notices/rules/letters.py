"""Facts into the words of one language: the letter that a template lays out."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from babel import Locale
from babel.dates import format_date, get_timezone_location
from babel.numbers import format_decimal

from breachdesk.kernel.times import zone as zone_named
from breachdesk.notices.terms import (
    ACCOUNT,
    CUSTOMERS,
    FOLLOW_UP,
    Advice,
    Entry,
    Letter,
    Library,
    Manifest,
    Readers,
    Speech,
    Step,
    Story,
    Words,
)

NO_BREAK = "\u00a0"
NARROW = "\u202f"
_BREAKS = re.compile(r"[ \t\r\n]+")
_GROUPS = re.compile(r"(?<![\d,.])\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)")
_HOUR = re.compile(r"(?<!\d)(\d{1,2})[ \u00a0\u202f]h(?:[ \u00a0\u202f](\d{2}))?(?!\w)")
_VOWELS = "aàâäeéèêëiîïoôöuùûühy"
_KINDS = ("integrity", "availability")
_UNNAMED = frozenset({"", "unknown", "unspecified"})


def groups(readers: Sequence[Readers], manifest: Manifest) -> dict[Readers, int]:
    """Return who reads the same text: language, role, categories, audience; with how many.

    `locale` must be the reader's language already. Where the text does not depend on the
    categories, they are left out; a text for the public tells of all of them.
    """
    counts: dict[Readers, int] = {}
    every = tuple(sorted({category for each in readers for category in each.categories}))
    for each in readers:
        own = tuple(sorted(set(each.categories))) if manifest.by_categories else ()
        same = Readers(
            each.locale,
            each.role,
            every if manifest.whole else own,
            0,
            each.audience if manifest.by_categories else ACCOUNT,
        )
        counts[same] = counts.get(same, 0) + each.people
    return counts


def compose(story: Story, library: Library, language: str, readers: Readers) -> Letter:
    """Return what a notice says in `language` to these readers. Nothing in it is made up."""
    speech, advice = library.speech[language], library.advice
    words = story.words.get(language)
    categories = readers.categories
    return Letter(
        obligation=library.manifest.obligation,
        language=language,
        role=readers.role,
        categories=categories,
        organisation=_line(story.organisation, language),
        reference=story.reference,
        zone=story.zone,
        nature=_nature(story, speech, language),
        when=_when(story, speech),
        found=moment(story.found_at, story.zone, speech),
        aware=moment(story.aware_at, story.zone, speech),
        touched=speech.touched[_touch(story)],
        data=tuple(_label(story, advice, category, language) for category in categories),
        not_touched=tuple(_line(each, language) for each in words.not_touched) if words else (),
        consequences=_lines(advice.may, _all_keys(story, advice, readers, 0), language),
        advice=_lines(advice.do, _all_keys(story, advice, readers, 1), language),
        measures=tuple(
            _step(step, story.zone, speech, language)
            for step in story.measures
            if step.text.get(language, "").strip()
        ),
        measures_known=len(story.measures),
        words_left=_words_left(story, language),
        never_ask=speech.never_ask,
        dpo=story.dpo,
        authority=story.authority,
        authority_told=story.authority_told,
        complaint_filed=story.complaint_filed,
        domains=story.domains,
        cites=advice.cites,
        tags=library.manifest.tags,
        glossary=_glossary(story, library, language),
        speech=speech,
        kind=story.kind,
        audience=readers.audience,
        opening=_opening(story, speech, readers.audience, language),
        news=_news(story, words, language) if words else (),
    )


def moment(at: datetime, zone: str, speech: Speech) -> str:
    """Return an instant in the words of a language, with its zone written out."""
    return f"{_clock(at, zone, speech)} ({_place(zone, speech)})"


def amount(number: int, speech: Speech) -> str:
    """Return a number as a language groups its digits."""
    return format_decimal(number, locale=speech.formats)


def typeset(text: str, language: str) -> str:
    """Return `text` with the unbreaking spaces that French puts before : ; ? ! % and ».

    So stand those between thousands, as in 12 345, and those of an hour, as in 7 h 40.
    """
    if language.partition("-")[0].lower() != "fr":
        return text
    text = _GROUPS.sub(lambda found: re.sub(r"\D", NARROW, found[0]), text)
    text = _HOUR.sub(_hour, text)
    text = re.sub(r"(?<=\d)[ \u00a0\u202f]([%€])", NO_BREAK + r"\1", text)
    text = re.sub(r"[ \u00a0\u202f]([;?!])", NARROW + r"\1", text)
    text = re.sub(r"[ \u00a0\u202f]([:»])", NO_BREAK + r"\1", text)
    return re.sub(r"«[ \u00a0\u202f]?", "«" + NO_BREAK, text)


def _hour(found: re.Match[str]) -> str:
    hour, minute = found.groups()
    return f"{hour}{NO_BREAK}h" + (f"{NO_BREAK}{minute}" if minute else "")


def _nature(story: Story, speech: Speech, language: str) -> tuple[str, ...]:
    """Return what was typed, else the plain sentence for the cause, else nothing."""
    told = _paragraphs(story.words.get(language, Words()).what_happened, language)
    if told or story.cause in _UNNAMED or story.cause not in speech.nature:
        return told
    return (speech.nature[story.cause],)


def _opening(story: Story, speech: Speech, audience: str, language: str) -> tuple[str, ...]:
    """Return why we write, and what this audience must be told besides."""
    said = (speech.opening.get(base_kind(story.kind)), speech.because.get(audience))
    name = _line(story.organisation, language)
    return tuple(
        typeset(each.replace("{organisation}", name), language) for each in said if each
    )


def _news(story: Story, words: Words, language: str) -> tuple[str, ...]:
    """Return what is new, to those who were told before: to others all of it is."""
    return _paragraphs(words.news, language) if base_kind(story.kind) == FOLLOW_UP else ()


def base_kind(kind: str) -> str:
    """Return a kind of notice without its number: a second follow-up is a follow-up."""
    return FOLLOW_UP if kind.startswith(FOLLOW_UP) else kind


def _paragraphs(text: str, language: str) -> tuple[str, ...]:
    typed = (_line(each, language) for each in re.split(r"\n\s*\n", text))
    return tuple(paragraph for paragraph in typed if paragraph)


def _words_left(story: Story, language: str) -> bool:
    ours = story.words.get(language, Words())
    others = [story.words.get(other, Words()) for other in story.languages]
    return any(
        (each.what_happened.strip() and not ours.what_happened.strip())
        or len(each.not_touched) > len(ours.not_touched)
        or (_news(story, each, language) and not ours.news.strip())
        for each in others
    )


def _touch(story: Story) -> str:
    """Return what was done to the data: seen, within a ring; or only altered, or only lost."""
    if "confidentiality" not in story.breach_types:
        for kind in _KINDS:
            if kind in story.breach_types:
                return kind
    return story.ring


def _when(story: Story, speech: Speech) -> str:
    if story.started_at is None:
        return speech.unknown
    place = _place(story.zone, speech)
    start = _clock(story.started_at, story.zone, speech)
    if story.ended_at is None:
        return f"{speech.since.format(start=start)} ({place})"
    end = _clock(story.ended_at, story.zone, speech)
    return f"{speech.between.format(start=start, end=end)} ({place})"


def _clock(at: datetime, zone: str, speech: Speech) -> str:
    local = at.astimezone(zone_named(zone))
    hour = str(local.hour) if speech.formats.startswith("fr") else f"{local:%H}"
    time = speech.time.format(hour=hour, minute=f"{local:%M}")
    return speech.instant.format(date=_day(local, speech), time=time)


def _day(local: datetime, speech: Speech) -> str:
    day = format_date(local.date(), "long", locale=speech.formats)
    if speech.formats.startswith("fr") and local.day == 1:
        return re.sub(r"^1\b", "1er", day)
    return day


def _place(zone: str, speech: Speech) -> str:
    city = get_timezone_location(
        zone_named(zone), locale=Locale.parse(speech.formats), return_city=True
    )
    pattern = speech.zone_vowel if city[:1].lower() in _VOWELS else speech.zone
    return pattern.format(city=city)


def _step(step: Step, zone: str, speech: Speech, language: str) -> str:
    text = _line(step.text[language], language).rstrip(".")
    pattern = speech.done if step.done_at else speech.planned if step.planned_for else "{text}."
    at = step.done_at or step.planned_for
    day = _day(at.astimezone(zone_named(zone)), speech) if at else ""
    return pattern.replace("{date}", day).replace("{text}", text)


def _label(story: Story, advice: Advice, category: str, language: str) -> str:
    label = story.labels.get(category, {}).get(language) or advice.labels.get(category, {}).get(
        language, ""
    )
    return _line(label[:1].upper() + label[1:], language)


def _keys(advice: Advice, categories: Iterable[str], which: int) -> set[str]:
    return {
        key
        for category in categories
        for key in advice.categories.get(category, ((), ()))[which]
    }


def _all_keys(story: Story, advice: Advice, readers: Readers, which: int) -> set[str]:
    """Return the lines for the readers' data, and for who they are."""
    besides = advice.audiences.get(readers.audience, ((), ()))[which]
    return _held(story, advice, {*_keys(advice, readers.categories, which), *besides}, which)


def _held(story: Story, advice: Advice, keys: set[str], which: int) -> set[str]:
    """Return which lines are true of this breach: what nobody read, nobody can misuse."""
    instead = [advice.kinds[each] for each in story.breach_types if each in advice.kinds]
    if not instead or "confidentiality" in story.breach_types:
        return keys
    said = {key for each in instead for key in (each.may, each.do)[which]}
    return said | (keys & {key for each in instead for key in each.keep})


def _lines(
    lines: Mapping[str, Mapping[str, str]], keys: set[str], language: str
) -> tuple[str, ...]:
    """Return the lines asked for, in the order of the file: the most urgent first."""
    said = (texts.get(language, "") for key, texts in lines.items() if key in keys)
    return tuple(typeset(line, language) for line in said if line)


def _glossary(story: Story, library: Library, language: str) -> dict[str, Entry]:
    if library.manifest.obligation != CUSTOMERS:
        return {}
    advice = library.advice
    return {
        category: Entry(
            _label(story, advice, category, language),
            _lines(advice.may, _held(story, advice, _keys(advice, [category], 0), 0), language),
        )
        for category in story.labels
    }


def _line(text: str, language: str) -> str:
    """Return typed text as one paragraph that holds no tag of ours."""
    whole = _BREAKS.sub(" ", text).strip()
    return typeset(whole.replace("-bd", "\u2011bd"), language)

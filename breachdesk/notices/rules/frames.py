"""Which text a person gets, and how the person's own values go into its fixed tags.

A tag is `-bdt.code-` in the subject and the plain text, `-bdh.code-` in the HTML: carriers
replace raw text and know no context, so the same value needs two spellings.
"""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from breachdesk.datamap.terms import PopulationKind
from breachdesk.kernel.errors import Unusable
from breachdesk.notices.rules.letters import amount, moment, typeset
from breachdesk.notices.terms import ACCOUNT, MINORS, NO_ACCOUNT, Customer, Letter, Part, Story

_TAG = re.compile(r"-bd([th])\.([a-z]+)-")
_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+"  # lines, bidi overrides
)
_BROKEN_HYPHEN = "\u2011"

SAMPLE_CODE = "K7M4-QD2X-9R3"
SAMPLE_PEOPLE = 120


class UnknownTag(Unusable):
    """A frame holds a tag that nobody gave a value for."""


def language_for(locale: str | None, languages: Sequence[str]) -> str:
    """Return the language of a reader: as given, else its base language, else the first.

    `languages` are those the notice is written in, the organisation's own first.
    """
    given = (locale or "").replace("_", "-").lower()
    written = {language.lower(): language for language in languages}
    return written.get(given) or written.get(given.partition("-")[0]) or languages[0]


def languages_written(
    story: Story, available: Sequence[str], asked: Sequence[str]
) -> tuple[str, ...]:
    """Return the languages a notice is written in, the organisation's own first.

    Those asked for; else the organisation's own, and each other language of it in which
    somebody has begun to write: a measure or words for this notice. Readers of any other
    language get the organisation's own. Raises Unusable for one that has no templates.
    """
    for language in asked:
        if language not in available:
            known = ", ".join(available)
            raise Unusable(f"there are no templates in {language!r}; there are: {known}")
    if asked:
        return tuple(dict.fromkeys(asked))
    theirs = [each for each in story.languages if each in available]
    own = theirs[0] if theirs else "en"
    begun = {
        *(language for step in story.measures for language, text in step.text.items() if text),
        *story.words,
    }
    return (own, *(each for each in theirs if each != own and each in begun))


def variant_key(
    locale: str | None,
    role: str,
    categories: Iterable[str],
    languages: Sequence[str],
    audience: str = ACCOUNT,
) -> str:
    """Return the key of the text for a reader: language, role, sorted set of categories.

    Who reads without an account, or for a child, is named between role and categories.
    """
    who = () if audience == ACCOUNT else (audience,)
    kinds = "+".join(sorted(set(categories)))
    return ".".join((language_for(locale, languages), role, *who, kinds))


def audience(kinds: Iterable[PopulationKind]) -> str:
    """Return as whom we write to a person: with a child among the kinds, as to a child.

    Only who has no account anywhere is written to as one without.
    """
    every = tuple(kinds)
    if any(each.minors for each in every):
        return MINORS
    return NO_ACCOUNT if every and not any(each.account for each in every) else ACCOUNT


def tags_for(part: Part, names: Iterable[str]) -> dict[str, str]:
    """Return the tag of each name as it stands in `part`."""
    letter = "h" if part is Part.HTML else "t"
    return {name: f"-bd{letter}.{name}-" for name in names}


def tag_values(tags: Mapping[str, str]) -> dict[str, str]:
    """Return every tag in both spellings with the value that replaces it, safe in its place.

    Line ends and other unseen characters become spaces, so that no header can be added; what
    looks like a tag loses its hyphen; in HTML it is escaped.
    """
    values = {}
    for name, value in tags.items():
        seen = value if value.isprintable() else _UNSEEN.sub(" ", value)  # nearly all are
        seen = seen.replace("-bd", f"{_BROKEN_HYPHEN}bd")
        values[f"-bdt.{name}-"] = seen
        values[f"-bdh.{name}-"] = html.escape(seen)
    return values


def fill(frame: str, tags: Mapping[str, str]) -> str:
    """Return `frame` with the recipient's own values. Raises UnknownTag for one not given."""
    values = tag_values(tags)

    def value(found: re.Match[str]) -> str:
        if found[0] not in values:
            raise UnknownTag(f"the text has a tag {found[0]} and nobody gave it a value")
        return values[found[0]]

    return _TAG.sub(value, frame)


def tag_names(frame: str) -> frozenset[str]:
    """Return the names of the tags in a frame."""
    return frozenset(name for _, name in _TAG.findall(frame))


def sample_tags(letter: Letter) -> dict[str, str]:
    """Return made-up values for a preview, of a customer concerned by all of these data."""
    if not letter.glossary:
        return dict.fromkeys(letter.tags, SAMPLE_CODE)
    customer = Customer("Example SAS", SAMPLE_PEOPLE, tuple(letter.glossary), None, None)
    return customer_tags(letter, customer, SAMPLE_CODE)


def customer_tags(letter: Letter, customer: Customer, code: str) -> dict[str, str]:
    """Return what an alert says to one customer: its own facts and numbers, no one else's."""
    entries = [letter.glossary[category] for category in customer.categories]
    may = dict.fromkeys(line for entry in entries for line in entry.consequences)

    def said(at: datetime | None) -> str:
        speech = letter.speech
        told = moment(at, letter.zone, speech) if at else speech.not_established
        return typeset(told, letter.language)

    return {
        "code": code,
        "customer": customer.name,
        "people": amount(customer.people, letter.speech),
        "data": typeset(
            (" ; " if letter.language == "fr" else "; ").join(each.label for each in entries),
            letter.language,
        ),
        "consequences": " ".join(may),
        "first": said(customer.first_touch),
        "last": said(customer.last_touch),
    }

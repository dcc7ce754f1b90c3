"""A made-up breach, so that a notice in the library is shown as it will read."""

from collections.abc import Callable
from datetime import timedelta

from flask_babel import force_locale
from flask_babel import gettext as _

from breachdesk.access.terms import LANGUAGES
from breachdesk.faces.web.visit import desk, member, now
from breachdesk.notices import errands, reading
from breachdesk.notices.terms import Contact, Message, Office, Readers, Step, Story, Words

CATEGORIES = ("identification_contact",)
GAP = "[…]"
"""What is to be filled in, in a language that the desk itself does not speak."""


def message(obligation: str, language: str) -> Message:
    """Return the subject and text of a notice, with made-up facts. Raises Unusable."""
    library = reading.read_library(desk().templates, obligation)
    readers = [Readers(language, library.manifest.role, CATEGORIES, 1)]
    if language in LANGUAGES:
        with force_locale(language):
            story = _story(language, str)
    else:
        story = _story(language, lambda _text: GAP)
    [written] = errands.render(desk().renderer, story, library, readers)[:1]
    return written.frame


def _story(language: str, say: Callable[[str], str]) -> Story:
    aware = now() - timedelta(hours=6)
    return Story(
        reference="BD-0000-0000",
        zone=member().zone,
        started_at=aware - timedelta(hours=30),
        ended_at=aware - timedelta(hours=2),
        found_at=aware - timedelta(hours=1),
        aware_at=aware,
        cause="stolen_token",
        breach_types=("confidentiality",),
        ring="proven",
        scope_digest="",
        measures=(
            Step({language: say(_("[a measure that you recorded]"))}, aware, None),
            Step({language: say(_("[a measure that you planned]"))}, None, now()),
        ),
        words={language: Words(say(_("[What happened, in the sentences that you type.]")))},
        authority_told=True,
        complaint_filed=True,
        organisation=member().organisation,
        domains=("example.org",),
        dpo=Contact(
            say(_("[your data protection officer]")), "dpo@example.org", "+33 1 99 00 00 00"
        ),
        authority=Office(
            say(_("[your supervisory authority]")),
            say(_("[its address]")),
            "",
            "https://example.org/",
        ),
        labels={each: {language: say(_("[the data of this reader]"))} for each in CATEGORIES},
        languages=(language,),
    )

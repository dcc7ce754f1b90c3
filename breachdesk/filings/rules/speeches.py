"""Which languages a filing can be in."""

from collections.abc import Mapping

from breachdesk.filings.rules.english import ENGLISH
from breachdesk.filings.rules.french import FRENCH
from breachdesk.filings.rules.speech import Speech
from breachdesk.filings.terms import Form

SPEECHES: Mapping[str, Speech] = {each.language: each for each in (FRENCH, ENGLISH)}
"""Each language by its code; a form names one."""


def of(form: Form) -> Speech:
    """Return the language of a form."""
    return SPEECHES[form.language]

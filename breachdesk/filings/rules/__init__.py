"""Pure rules of a filing: what is known, what is missing, what changed since."""

from breachdesk.filings.rules.answering import accept, question, usable
from breachdesk.filings.rules.drafting import (
    changes,
    content,
    digest,
    fields,
    is_late,
    missing,
    seal,
)
from breachdesk.filings.rules.editing import editable, joined
from breachdesk.filings.rules.papering import paper
from breachdesk.filings.rules.showing import document, page
from breachdesk.filings.rules.speech import Speech
from breachdesk.filings.rules.speeches import of as speech_of
from breachdesk.filings.rules.wording import clock

__all__ = [
    "Speech",
    "accept",
    "changes",
    "clock",
    "content",
    "digest",
    "document",
    "editable",
    "fields",
    "is_late",
    "joined",
    "missing",
    "page",
    "paper",
    "question",
    "seal",
    "speech_of",
    "usable",
]

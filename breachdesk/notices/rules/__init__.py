"""What a notice must say, may not say, and to whom which text goes. Pure."""

from breachdesk.notices.rules.checks import agreement, check, review
from breachdesk.notices.rules.customers import by_customer, named
from breachdesk.notices.rules.elements import missing_content
from breachdesk.notices.rules.falling import fallen_back
from breachdesk.notices.rules.frames import (
    UnknownTag,
    audience,
    customer_tags,
    fill,
    language_for,
    languages_written,
    sample_tags,
    tag_names,
    tag_values,
    tags_for,
    variant_key,
)
from breachdesk.notices.rules.letters import base_kind, compose, groups, typeset
from breachdesk.notices.rules.stages import (
    STAGES,
    changed,
    content_digest,
    facts_digest,
    is_approved,
    is_stale,
    may_be_sent,
    message_digest,
)

__all__ = [
    "STAGES",
    "UnknownTag",
    "agreement",
    "audience",
    "base_kind",
    "by_customer",
    "changed",
    "check",
    "compose",
    "content_digest",
    "customer_tags",
    "facts_digest",
    "fallen_back",
    "fill",
    "groups",
    "is_approved",
    "is_stale",
    "language_for",
    "languages_written",
    "may_be_sent",
    "message_digest",
    "missing_content",
    "named",
    "review",
    "sample_tags",
    "tag_names",
    "tag_values",
    "tags_for",
    "typeset",
    "variant_key",
]

"""How far a notice has come, and whether the facts it was written from still hold."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from breachdesk.notices.terms import APPROVERS, Message, Stage, Story

STAGES = {
    Stage.DRAFT: frozenset({Stage.APPROVED, Stage.VOID}),
    Stage.APPROVED: frozenset({Stage.FROZEN, Stage.VOID}),
    Stage.FROZEN: frozenset[Stage](),
    Stage.VOID: frozenset[Stage](),
}
"""A draft is approved by two, then frozen by delivery; any change makes a new version of it."""

_ONLY_WHERE_SAID = ("authority_told", "complaint_filed")


def is_approved(digest: str, approvals: Iterable[tuple[object, str]]) -> bool:
    """Tell whether two different members approved exactly this text.

    `approvals` are pairs of member and the digest that member approved. The author may be one
    of the two: two pairs of eyes have seen the text, and a third person may not be awake.
    """
    return len({member for member, approved in approvals if approved == digest}) >= APPROVERS


def may_be_sent(stage: str) -> bool:
    """Tell whether delivery may take a notice at this stage."""
    return Stage(stage) in {Stage.APPROVED, Stage.FROZEN}


def facts_digest(story: Story) -> str:
    """Return the digest of every fact a notice was written from."""
    return _digest(asdict(story))


def message_digest(frame: Message) -> str:
    """Return the digest of one text, subject and both parts."""
    return _digest([frame.subject, frame.text, frame.html])


def content_digest(scope_digest: str, variants: Iterable[tuple[str, int, str]]) -> str:
    """Return what approvers approve: the scope, and each variant's key, people and text."""
    return _digest([scope_digest, sorted(list(each) for each in variants)])


def changed(told: Story, present: Story) -> tuple[str, ...]:
    """Return the names of the facts that have moved since the notice was drafted.

    That the authority was told meanwhile, or a complaint filed, changes nothing where the
    notice does not speak of it; the reverse would make it untrue.
    """
    return tuple(
        each.name
        for each in fields(Story)
        if (before := getattr(told, each.name)) != (now := getattr(present, each.name))
        and not (each.name in _ONLY_WHERE_SAID and now and not before)
    )


def is_stale(told: Story, present: Story) -> bool:
    """Tell whether the facts have changed since the notice was drafted."""
    return bool(changed(told, present))


def _digest(content: Any) -> str:
    canonical = json.dumps(
        content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain
    )
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()


def _plain(value: datetime) -> str:
    return value.isoformat()

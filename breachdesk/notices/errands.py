"""Draft a notice: gather facts, render every text once, keep the result. No lock meanwhile."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.kernel.errors import Refused
from breachdesk.law.terms import Law
from breachdesk.notices import commands, queries, reading, rules
from breachdesk.notices.ports import Renderer
from breachdesk.notices.terms import (
    Letter,
    Library,
    Manifest,
    Message,
    NoticeDraft,
    Order,
    Part,
    Readers,
    Story,
    Variant,
)

_GAPS = re.compile(r"\n{4,}")


class NobodyToTell(Refused):
    """The scope has nobody for this notice."""


def draft(
    transactions: Transactions,
    renderer: Renderer,
    actor: Actor,
    law: Law,
    templates: Path,
    order: Order,
) -> queries.NoticeRow:
    """Draft the notice that `order` asks for, one text per language and set of data.

    Words that the order does not give are those of the latest version. Raises NoScope,
    NobodyTold, NobodyToTell, Unusable for templates or languages that cannot be used.
    """
    library = reading.read_library(templates, order.obligation)
    with transactions.reading(actor.organisation_id) as session:
        incident, story, scope = queries.material(session, law, library.manifest, order)
        readers = queries.readers(session, scope, order.ring, library.manifest.role)
    variants = tuple(render(renderer, story, library, readers))
    if not variants:
        raise NobodyToTell(
            f"nobody in the ring {order.ring} is in a store held as {library.manifest.role}"
        )
    kept = NoticeDraft(
        obligation=order.obligation,
        story=story,
        template_version=library.manifest.version,
        scope_version=scope.version,
        variants=variants,
    )
    with transactions.open(actor) as tx:
        return commands.draft(tx, incident, kept)


def render(
    renderer: Renderer, story: Story, library: Library, readers: Sequence[Readers]
) -> list[Variant]:
    """Return every text of a notice: one for each language, role and set of categories."""
    spoken = [
        replace(each, locale=rules.language_for(each.locale, story.languages))
        for each in readers
    ]
    if not library.manifest.by_categories:  # not only in the languages of those affected
        spoken += [
            Readers(each, library.manifest.role, (), 0) for each in story.languages if readers
        ]
    counts = rules.groups(spoken, library.manifest)
    variants = []
    for same, people in counts.items():
        language = rules.language_for(same.locale, story.languages)
        letter = rules.compose(story, library, language, same)
        variants.append(
            Variant(
                key=rules.variant_key(
                    language, same.role, same.categories, story.languages, same.audience
                ),
                locale=language,
                role=same.role,
                categories=same.categories,
                people=people,
                letter=letter,
                frame=_frame(renderer, library.manifest, letter),
            )
        )
    return sorted(variants, key=lambda each: each.key)


def _frame(renderer: Renderer, manifest: Manifest, letter: Letter) -> Message:
    folder = f"{reading.FOLDER}/{manifest.obligation}/{letter.language}"
    subject, text, html = (
        rules.typeset(
            renderer.render(
                f"{folder}/{file}",
                {"letter": letter, "tag": rules.tags_for(part, manifest.tags)},
            ),
            letter.language,
        )
        for part, file in zip(Part, reading.PARTS, strict=True)
    )
    return Message(
        subject=subject.strip(),
        text=_GAPS.sub("\n\n\n", text).strip() + "\n",
        html=html.strip() + "\n",
    )

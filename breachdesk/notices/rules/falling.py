"""Whom a notice does not speak to in their own language: nobody should find that out later."""

from collections import Counter
from collections.abc import Iterable, Sequence

from breachdesk.notices.rules.frames import language_for
from breachdesk.notices.terms import Finding, Readers


def fallen_back(readers: Iterable[Readers], languages: Sequence[str]) -> tuple[Finding, ...]:
    """Return one warning that names the languages in which nothing is written, if any.

    `languages` are those of the notice, the organisation's own first: readers of any other
    get that one. Of whom no language is known, nothing is said.
    """
    left: Counter[str] = Counter()
    for each in readers:
        theirs = _base(each.locale or "")
        if theirs and _base(language_for(each.locale, languages)) != theirs:
            left[theirs] += each.people
    if not left.total():
        return ()
    named = ", ".join(f"{language} ({people})" for language, people in left.most_common())
    return (
        Finding(
            "language_fallback",
            "GDPR art. 12(1)",
            {
                "fr": f"Des personnes liront ce texte en {languages[0]}, faute de mots dans "
                f"leur langue\u00a0: {named}. Écrivez-les, ou décidez que cela suffit.",
                "en": f"People get the text in {languages[0]}, since no words are given in "
                f"theirs: {named}. Write them, or decide that it will do.",
            },
            blocking=False,
        ),
    )


def _base(locale: str) -> str:
    """Return the language of a locale, without its country."""
    return locale.replace("_", "-").lower().partition("-")[0]

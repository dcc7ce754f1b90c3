"""What a notice must not do: lead elsewhere, fetch, contradict itself, say untruths."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from breachdesk.notices.rules.elements import missing_content
from breachdesk.notices.rules.readings import (
    holds,
    hosts,
    html_as_text,
    html_tags,
    numbers,
    sentences,
    words,
)
from breachdesk.notices.rules.sentences import SAY
from breachdesk.notices.terms import Finding, Letter, Message, Variant

SIZE = 80_000
"""Bytes of both parts together; mail programs cut longer messages."""
SUBJECT_LENGTH = 78
SENTENCE_WORDS = 40
AVERAGE_WORDS = 22

_FETCHING = frozenset(
    {
        "img",
        "script",
        "link",
        "iframe",
        "frame",
        "object",
        "embed",
        "form",
        "input",
        "button",
        "video",
        "audio",
        "source",
        "base",
        "picture",
        "svg",
        "applet",
    }
)
_FETCHING_ATTRIBUTES = ("src", "srcset", "background", "poster", "action", "ping")
_LOGIN = re.compile(
    r"log-?(in|on)|sign-?in|connexion|connect|auth|passw|mot-?de-?passe|reset|"
    r"anmeld|acceso|accesso|inlog",
    re.IGNORECASE,
)
_POSTCODE = re.compile(r"\bTSA\s\d+")
"""How mail for the CNIL is sorted; no other number reaches it."""
_DPO = re.compile(
    r"[\w.+-]*(?:dpo|dpd|datenschutz|privacy|rgpd|gdpr)[\w.+-]*@[\w.-]+\w", re.IGNORECASE
)
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def check(letter: Letter, frame: Message) -> tuple[Finding, ...]:
    """Return all that is wrong with one variant besides missing content."""
    text, html = frame.text, html_as_text(frame.html)
    found = [
        *_links(letter, frame),
        *_remote(frame.html),
        *_parts(text, html),
        *_measurements(frame),
        *_claims(letter, f"{frame.subject}\n{text}\n{html}"),
        *_contacts(letter, f"{text}\n{html}"),
    ]
    return tuple(
        Finding(
            code,
            "GDPR art. 34(2)",
            {language: _said(said, detail, letter) for language, said in SAY[code].items()},
            language=letter.language,
            blocking=blocking,
        )
        for code, detail, blocking in dict.fromkeys(
            (*((code, detail, True) for code, detail in found), *_readability(text))
        )
    )


def _said(sentence: str, detail: str, letter: Letter) -> str:
    known = sentence.replace("{authority}", letter.authority.address)
    return known.replace("{dpo}", letter.dpo.email).replace("{}", detail)


def review(variants: Sequence[Variant]) -> tuple[Finding, ...]:
    """Return all that is missing or wrong in a notice, each thing once per language."""
    found: dict[tuple[str, str | None, str], Finding] = {}
    for each in variants:
        for finding in (
            *missing_content(each.letter, each.frame),
            *check(each.letter, each.frame),
        ):
            same = (finding.code, finding.language, finding.sentence["en"])
            found.setdefault(same, replace(finding, variant=each.key))
    return (*found.values(), *agreement(variants))


def agreement(variants: Iterable[Variant]) -> tuple[Finding, ...]:
    """Return where two languages of the same text do not give the same dates and numbers.

    What differs in several texts of a language alike is said once.
    """
    found: dict[tuple[str, str], Finding] = {}
    first: dict[tuple[str, tuple[str, ...], str], Variant] = {}
    for each in variants:
        same = first.setdefault((each.role, each.categories, each.letter.audience), each)
        ours, theirs = Counter(numbers(each.frame.text)), Counter(numbers(same.frame.text))
        if ours == theirs:
            continue
        odd = sorted({*(ours - theirs), *(theirs - ours)})
        detail = f"{', '.join(map(str, odd))} ({same.locale})"
        finding = Finding(
            "languages_differ",
            "GDPR art. 34(2)",
            {
                language: said.replace("{}", detail)
                for language, said in SAY["languages_differ"].items()
            },
            language=each.locale,
            variant=each.key,
        )
        found.setdefault((each.locale, detail), finding)
    return tuple(found.values())


def _links(letter: Letter, frame: Message) -> Iterator[tuple[str, str]]:
    own = {domain.casefold() for domain in letter.domains}
    theirs = hosts(f"{letter.dpo.email} {letter.authority.web}")
    allowed = own | {host.removeprefix("www.") for host, _ in theirs}
    allowed |= {site.casefold() for site in letter.cites}
    targets = [
        attributes["href"] for _, attributes in html_tags(frame.html) if "href" in attributes
    ]
    everything = "\n".join((frame.subject, frame.text, html_as_text(frame.html), *targets))
    for host, path in hosts(everything):
        if not any(host == each or host.endswith(f".{each}") for each in allowed):
            yield "foreign_link", host
        elif _LOGIN.search(path):
            yield "login_link", host + path
    for target in targets:
        if not target.startswith(("mailto:", "tel:")):
            yield "link", target


def _remote(html: str) -> Iterator[tuple[str, str]]:
    for tag, attributes in html_tags(html):
        if tag in _FETCHING or (tag == "meta" and "http-equiv" in attributes):
            yield "remote_content", f"<{tag}>"
        for name, value in attributes.items():
            if name in _FETCHING_ATTRIBUTES or name.startswith("on") or "url(" in value.lower():
                yield "remote_content", f"<{tag} {name}>"
    if re.search(r"<style[^>]*>[^<]*(@import|url\()", html, re.IGNORECASE):
        yield "remote_content", "<style>"


def _parts(text: str, html: str) -> Iterator[tuple[str, str]]:
    plain, rich = words(text), words(html)
    if plain != rich:
        at = next(
            (n for n, pair in enumerate(zip(plain, rich, strict=False)) if pair[0] != pair[1]),
            min(len(plain), len(rich)),
        )
        yield "parts_differ", " ".join((plain if len(plain) > at else rich)[at : at + 6])


def _measurements(frame: Message) -> Iterator[tuple[str, str]]:
    size = len(frame.text.encode()) + len(frame.html.encode())
    if size > SIZE:
        yield "size", str(size - SIZE)
    subject = frame.subject
    if not subject or len(subject) > SUBJECT_LENGTH or _UNSEEN.search(subject):
        yield "subject", str(len(subject))


def _claims(letter: Letter, everything: str) -> Iterator[tuple[str, str]]:
    applies = {
        "no_risk": True,
        "leak_checker": True,
        "attachment": True,
        "authority_told": not letter.authority_told,
        "complaint_filed": not letter.complaint_filed,
        "password": not any(each.startswith("credentials") for each in letter.categories)
        and not letter.glossary,
        "encrypted": any(each.startswith("credentials_hashed") for each in letter.categories),
    }
    resets = letter.speech.never_say.get("reset_forced", ())
    applies["reset_forced"] = not any(
        holds(measure, phrase) for measure in letter.measures for phrase in resets
    )
    for label in letter.data:
        if any(holds(line, label) for line in letter.not_touched):
            yield "contradiction", label
    for code, phrases in letter.speech.never_say.items():
        said = [each for each in phrases if applies[code] and holds(everything, each)]
        for phrase in said:
            if not any(phrase != longer and holds(longer, phrase) for longer in said):
                yield code, phrase


def _contacts(letter: Letter, everything: str) -> Iterator[tuple[str, str]]:
    """Yield a way to write to the authority or the DPO that is not the recorded one."""
    for found in _POSTCODE.findall(everything):
        if not holds(letter.authority.address, found):
            yield "authority_address", found
    for found in _DPO.findall(everything):
        if letter.dpo.email and found.casefold() != letter.dpo.email.casefold():
            yield "dpo_address", found


def _readability(text: str) -> Iterator[tuple[str, str, bool]]:
    lengths = {each: len(words(each)) for each in sentences(text)}
    for sentence, length in lengths.items():
        if length > SENTENCE_WORDS:
            yield "long_sentence", " ".join(sentence.split()[:6]), False
    told = [length for length in lengths.values() if length > 3]  # noqa: PLR2004  (headings)
    if told and sum(told) / len(told) > AVERAGE_WORDS:
        yield "readability", f"{sum(told) / len(told):.0f}", False

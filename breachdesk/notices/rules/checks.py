"""What a notice must not do: lead elsewhere, fetch, contradict itself, say untruths."""

import re
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
from breachdesk.notices.terms import Finding, Letter, Message, Texts, Variant

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
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

SAY: dict[str, Texts] = {
    "foreign_link": {
        "fr": "Retirez cette adresse, ni la vôtre ni celle d’un service public cité : ",
        "en": "Remove this address, which is neither yours nor a public service’s we name: ",
    },
    "link": {
        "fr": "Retirez ce lien ; écrivez l’adresse à taper soi-même : ",
        "en": "Remove this link; write the address to type oneself: ",
    },
    "login_link": {
        "fr": "Retirez ce lien vers une page de connexion ; donnez le chemin à suivre : ",
        "en": "Remove this link to a log-in page; say the way there instead: ",
    },
    "remote_content": {
        "fr": "Retirez du modèle HTML ce qui charge ou exécute quelque chose : ",
        "en": "Remove from the HTML template what fetches or runs something: ",
    },
    "parts_differ": {
        "fr": "Faites dire la même chose au texte et au HTML ; ils diffèrent à partir de : ",
        "en": "Make text and HTML say the same; they differ from: ",
    },
    "size": {
        "fr": "Raccourcissez le message : octets de trop : ",
        "en": "Shorten the message: bytes too many: ",
    },
    "subject": {
        "fr": "Donnez un objet d’une ligne, de 78 caractères au plus : ",
        "en": "Give a subject of one line, 78 characters at most: ",
    },
    "languages_differ": {
        "fr": "Mettez les langues d’accord : ces nombres diffèrent de l’autre version : ",
        "en": "Make the languages agree: these numbers differ from the other version: ",
    },
    "long_sentence": {
        "fr": "Coupez cette phrase en deux ; elle commence par : ",
        "en": "Cut this sentence in two; it begins: ",
    },
    "readability": {
        "fr": "Écrivez des phrases plus courtes ; nombre moyen de mots par phrase : ",
        "en": "Write shorter sentences; average number of words in one: ",
    },
    "contradiction": {
        "fr": "Ces données du lecteur sont touchées, et le message dit le contraire : ",
        "en": "These data of the reader were affected, and the notice says they were not: ",
    },
    "no_risk": {
        "fr": "Ne promettez pas l’absence de risque ; retirez : ",
        "en": "Do not promise that there is no risk; remove: ",
    },
    "authority_told": {
        "fr": "Aucune notification à l’autorité n’est enregistrée ; retirez ou enregistrez : ",
        "en": "No notification to the authority is recorded; remove or record: ",
    },
    "complaint_filed": {
        "fr": "Aucune plainte n’est enregistrée ; retirez ou enregistrez : ",
        "en": "No complaint to the police is recorded; remove or record: ",
    },
    "password": {
        "fr": "Aucun mot de passe de ce lecteur n’a été exposé ; retirez : ",
        "en": "No password of this reader was exposed; remove: ",
    },
    "encrypted": {
        "fr": "Une empreinte n’est pas un chiffrement ; remplacez : ",
        "en": "A hash is not encryption; replace: ",
    },
    "reset_forced": {
        "fr": "Aucune réinitialisation n’est enregistrée parmi les mesures prises ; retirez ou "
        "enregistrez : ",
        "en": "No reset is recorded among the measures taken; remove or record: ",
    },
    "leak_checker": {
        "fr": "N’envoyez pas le lecteur vers un site de vérification de fuites ; retirez : ",
        "en": "Do not send readers to a leak-checking site; remove: ",
    },
}


def check(letter: Letter, frame: Message) -> tuple[Finding, ...]:
    """Return all that is wrong with one variant besides missing content."""
    text, html = frame.text, html_as_text(frame.html)
    found = [
        *_links(letter, frame),
        *_remote(frame.html),
        *_parts(text, html),
        *_measurements(frame),
        *_claims(letter, f"{frame.subject}\n{text}\n{html}"),
    ]
    return tuple(
        Finding(
            code,
            "GDPR art. 34(2)",
            {language: f"{said}{detail}" for language, said in SAY[code].items()},
            language=letter.language,
            blocking=blocking,
        )
        for code, detail, blocking in dict.fromkeys(
            (*((code, detail, True) for code, detail in found), *_readability(text))
        )
    )


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
    """Return where two languages of the same text do not give the same dates and numbers."""
    found: list[Finding] = []
    first: dict[tuple[str, tuple[str, ...], str], Variant] = {}
    for each in variants:
        same = first.setdefault((each.role, each.categories, each.letter.audience), each)
        ours, theirs = numbers(each.frame.text), numbers(same.frame.text)
        if ours == theirs:
            continue
        odd = sorted(set(ours) ^ set(theirs))
        detail = f"{', '.join(map(str, odd)) or '…'} ({same.locale})."
        found.append(
            Finding(
                "languages_differ",
                "GDPR art. 34(2)",
                {language: said + detail for language, said in SAY["languages_differ"].items()},
                language=each.locale,
                variant=each.key,
            )
        )
    return tuple(found)


def _links(letter: Letter, frame: Message) -> Iterator[tuple[str, str]]:
    own = {domain.casefold() for domain in letter.domains}
    allowed = own | {host for host, _ in hosts(f"{letter.dpo.email} {letter.authority.web}")}
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
        for phrase in phrases:
            if applies[code] and holds(everything, phrase):
                yield code, f"“{phrase}”"


def _readability(text: str) -> Iterator[tuple[str, str, bool]]:
    lengths = {each: len(words(each)) for each in sentences(text)}
    for sentence, length in lengths.items():
        if length > SENTENCE_WORDS:
            yield "long_sentence", " ".join(sentence.split()[:6]), False
    told = [length for length in lengths.values() if length > 3]  # noqa: PLR2004  (headings)
    if told and sum(told) / len(told) > AVERAGE_WORDS:
        yield "readability", f"{sum(told) / len(told):.0f}", False

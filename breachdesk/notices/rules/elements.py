"""What a notice must hold: the elements of Art. 34(2) and 33(3)(b)-(d), and some more.

An element is missing where the facts do not give it, and where a template leaves it out.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from breachdesk.notices.rules.frames import tag_names
from breachdesk.notices.rules.letters import base_kind
from breachdesk.notices.rules.readings import holds, html_as_text
from breachdesk.notices.terms import (
    CUSTOMERS,
    FOLLOW_UP,
    KINDS,
    PEOPLE,
    PUBLIC,
    Finding,
    Letter,
    Message,
    Texts,
)


@dataclass(frozen=True, slots=True)
class Element:
    """One thing a notice must say: what the letter has of it, and the sentence to add."""

    code: str
    article: str
    of: Callable[[Letter], Iterable[str]]
    sentence: Texts
    asked_by: tuple[str, ...] = (PEOPLE,)
    kinds: tuple[str, ...] = KINDS


_BOTH = (PEOPLE, CUSTOMERS)
_READERS = (PEOPLE, PUBLIC)
_ALL = (PEOPLE, CUSTOMERS, PUBLIC)

ELEMENTS = (
    Element(
        "news",
        "GDPR art. 34(2), 33(4)",
        lambda letter: letter.news,
        {
            "fr": "Dites ce que vous savez maintenant et que le premier message ne disait pas "
            "(mots du message, news).",
            "en": "Say what you know now that the first message did not say (words of the "
            "notice, news).",
        },
        _BOTH,
        (FOLLOW_UP,),
    ),
    Element(
        "opening",
        "GDPR recital 86",
        lambda letter: letter.opening,
        {
            "fr": "Dites au lecteur pourquoi vous lui écrivez (opening et because, dans "
            "languages), par exemple : « Nous vous écrivons parce que des données vous "
            "concernant ont été touchées par une violation. »",
            "en": "Tell readers why you write to them (opening and because, in languages), for "
            "example: “We are writing because data about you were affected by a breach.”",
        },
    ),
    Element(
        "nature",
        "GDPR art. 34(2)",
        lambda letter: letter.nature,
        {
            "fr": "Dites en une phrase simple ce qui s’est passé, par exemple : « Une personne "
            "non autorisée est entrée dans notre service avec un accès volé. »",
            "en": "Say in one plain sentence what happened, for example: “Someone entered our "
            "service with a stolen access key.”",
        },
        _ALL,
    ),
    Element(
        "when",
        "GDPR art. 34(2)",
        lambda letter: (letter.when, letter.found),
        {
            "fr": "Dites quand cela s’est passé et quand vous l’avez découvert, par exemple : "
            "« Cela s’est passé le 18 novembre 2026. Nous l’avons découvert le 20. » Corrigez "
            "ces dates dans les faits de l’incident.",
            "en": "Say when it happened and when you found out, for example: “This happened on "
            "18 November 2026. We discovered it on the 20th.” Correct these dates in the facts "
            "of the incident.",
        },
        _ALL,
    ),
    Element(
        "data",
        "GDPR art. 34(2)",
        lambda letter: letter.data,
        {
            "fr": "Nommez les données du lecteur : donnez à chaque catégorie un libellé "
            "dans cette langue, dans la carte des données.",
            "en": "Name the reader’s data: give every category concerned a label in this "
            "language, in the data map.",
        },
        _READERS,
    ),
    Element(
        "consequences",
        "GDPR art. 34(2), 33(3)(c)",
        lambda letter: letter.consequences,
        {
            "fr": "Dites ce qui peut arriver à cause de ces données, par exemple : « Vous "
            "pourriez recevoir de faux messages qui les citent. » Ajoutez les catégories et "
            "leurs lignes dans advice.toml.",
            "en": "Say what may happen because of these data, for example: “You could receive "
            "fake messages that mention them.” Add the categories and their lines to "
            "advice.toml.",
        },
        _READERS,
    ),
    Element(
        "measures",
        "GDPR art. 34(2), 33(3)(d)",
        lambda letter: letter.measures,
        {
            "fr": "Enregistrez au moins une mesure prise ou prévue après la violation, rédigée "
            "dans cette langue, par exemple : « Nous avons bloqué l’accès volé. »",
            "en": "Record at least one measure taken or planned after the breach, written in "
            "this language, for example: “We blocked the stolen access.”",
        },
        _ALL,
    ),
    Element(
        "advice",
        "GDPR art. 34(2), 33(3)(d)",
        lambda letter: letter.advice,
        {
            "fr": "Dites au lecteur ce qu’il peut faire pour se protéger, par exemple : "
            "« Méfiez-vous des messages qui citent ces données. » Ajoutez les lignes dans "
            "advice.toml.",
            "en": "Tell readers what they can do to protect themselves, for example: “Distrust "
            "messages that mention these data.” Add the lines to advice.toml.",
        },
        _READERS,
    ),
    Element(
        "dpo",
        "GDPR art. 34(2), 33(3)(b)",
        lambda letter: (letter.dpo.name, letter.dpo.email or letter.dpo.phone),
        {
            "fr": "Ajoutez : « Pour toute question, écrivez à notre délégué à la protection "
            "des données : » suivi de son nom et de son adresse (carte des données, "
            "organisation.dpo).",
            "en": "Add: “For any question, write to our data protection officer:” followed by "
            "the name and the address (data map, organisation.dpo).",
        },
        _ALL,
    ),
    Element(
        "authority",
        "GDPR recital 86, art. 77",
        lambda letter: (letter.authority.name, letter.authority.address),
        {
            "fr": "Ajoutez : « Vous pouvez adresser une réclamation à l’autorité de contrôle » "
            "suivi de son nom et de son adresse (carte des données, organisation.authority).",
            "en": "Add: “You can lodge a complaint with the supervisory authority” followed by "
            "its name and address (data map, organisation.authority).",
        },
        _READERS,
    ),
    Element(
        "never_ask",
        "GDPR recital 86",
        lambda letter: letter.never_ask,
        {
            "fr": "Ajoutez : « Nous ne vous demanderons jamais votre mot de passe ni vos "
            "coordonnées bancaires. »",
            "en": "Add: “We will never ask you for your password or your bank details.”",
        },
        _READERS,
    ),
    Element(
        "genuine",
        "GDPR recital 86",
        lambda letter: (letter.domain,),
        {
            "fr": "Dites comment vérifier que le message est authentique, par exemple : "
            "« Tapez vous-même notre adresse dans votre navigateur et donnez votre code. » "
            "(carte des données, organisation.domains)",
            "en": "Say how to check that the message is genuine, for example: “Type our "
            "address into your browser yourself and give your code.” (data map, "
            "organisation.domains)",
        },
        _ALL,
    ),
)

_TAGS: Texts = {
    "fr": "Remettez dans le modèle, en texte et en HTML, les valeurs du destinataire : ",
    "en": "Put the recipient’s own values back into the template, in text and HTML: ",
}
_LEFT_OUT: Texts = {"fr": " Le modèle l’omet.", "en": " The template leaves it out."}
_UNWRITTEN: Texts = {
    "fr": "Écrivez aussi dans cette langue ce qui est écrit dans une autre : ce qui s’est "
    "passé, ce qui n’a pas été touché.",
    "en": "Write in this language too what is written in another: what happened, what was not "
    "affected.",
}
_UNTRANSLATED: Texts = {
    "fr": "Rédigez chaque mesure dans cette langue : il en manque ",
    "en": "Write each measure in this language: still to be written: ",
}


def missing_content(letter: Letter, frame: Message) -> tuple[Finding, ...]:
    """Return every element of the required content that a variant lacks, in reading order."""
    text, html = frame.text, html_as_text(frame.html)
    found = []
    for element in ELEMENTS:
        if (
            letter.obligation not in element.asked_by
            or base_kind(letter.kind) not in element.kinds
        ):
            continue
        said = tuple(element.of(letter))
        if not said or not all(each.strip() for each in said):
            found.append(_finding(letter, element.code, element.article, element.sentence))
        elif not all(holds(text, each) and holds(html, each) for each in said):
            sentence = {
                language: words + _LEFT_OUT[language]
                for language, words in element.sentence.items()
            }
            found.append(_finding(letter, element.code, element.article, sentence))
    if letter.words_left:
        found.append(_finding(letter, "words", "GDPR art. 34(2)", _UNWRITTEN))
    return (*found, *_untranslated(letter), *_tagless(letter, frame))


def _untranslated(letter: Letter) -> list[Finding]:
    left = letter.measures_known - len(letter.measures)
    if left <= 0 or not letter.measures:
        return []
    sentence = {language: f"{words}{left}." for language, words in _UNTRANSLATED.items()}
    return [_finding(letter, "measures", "GDPR art. 34(2), 33(3)(d)", sentence)]


def _tagless(letter: Letter, frame: Message) -> list[Finding]:
    left_out = [
        name
        for name in letter.tags
        if name not in tag_names(frame.text) or name not in tag_names(frame.html)
    ]
    foreign = tag_names(frame.subject + frame.text + frame.html) - set(letter.tags)
    if not left_out and not foreign:
        return []
    names = ", ".join((*left_out, *sorted(foreign)))
    sentence = {language: f"{words}{names}." for language, words in _TAGS.items()}
    return [_finding(letter, "tags", "GDPR art. 34(2)", sentence)]


def _finding(letter: Letter, code: str, article: str, sentence: Texts) -> Finding:
    return Finding(code, article, sentence, language=letter.language)

"""The words of the pages: all of them in French, with its spaces, and compiled as written."""

import re
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from breachdesk.faces.web.context import TRANSLATIONS
from web_face import TOP

KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "later": None}
PLACE = re.compile(r"%\(\w+\)s|\{\w+\}")
WRONG_SPACE = re.compile(r" [:;?!»]|« ")


def french() -> Catalog:
    with (TRANSLATIONS / "fr" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale="fr")


def used() -> set[str | tuple[str, ...]]:
    """Return every message that code or a page asks for, as `babel.cfg` finds them."""
    config = ConfigParser()
    config.read(TRANSLATIONS / "babel.cfg")
    methods, options = [], {}
    for section in config.sections():
        kind, _, pattern = section.partition(": ")
        methods.append((pattern, kind))
        options[pattern] = dict(config[section])
    folders = (Path("breachdesk/faces/web"), Path("templates/pages"))
    return {
        found[2]
        for folder in folders
        for found in extract_from_dir(TOP / folder, methods, options, keywords=KEYWORDS)
    }


def told(message: Message) -> Iterator[str]:
    """Yield every form of a translation."""
    yield from (message.string,) if isinstance(message.string, str) else message.string or ()


def by_id(catalog: Catalog) -> dict[tuple[str, ...] | list[str] | str, tuple[str, ...]]:
    """Return the translations of a catalog by their message."""
    return {
        each.id if isinstance(each.id, str) else tuple(each.id): tuple(told(each))
        for each in catalog
        if each.id
    }


class TestFrench:
    def test_holds_every_message_and_no_other(self) -> None:
        assert {message.id for message in french() if message.id} == used()

    def test_leaves_nothing_empty_or_unsure(self) -> None:
        for message in french():
            if message.id:
                assert all(told(message)), message.id
                assert not message.fuzzy, message.id

    def test_puts_the_same_values_into_its_sentences(self) -> None:
        for message in french():
            if message.id:
                english = message.id if isinstance(message.id, str) else message.id[-1]
                places = set(PLACE.findall(english))
                assert {frozenset(PLACE.findall(text)) for text in told(message)} == {
                    frozenset(places)
                }, message.id

    def test_has_its_spaces(self) -> None:
        for message in french():
            if message.id:
                assert not [text for text in told(message) if WRONG_SPACE.search(text)]

    def test_is_compiled_as_it_is_written(self) -> None:
        with (TRANSLATIONS / "fr" / "LC_MESSAGES" / "messages.mo").open("rb") as file:
            compiled = read_mo(file)

        assert by_id(compiled) == by_id(french())

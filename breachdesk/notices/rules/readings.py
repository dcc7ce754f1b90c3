"""How a machine reads a message: its words, numbers, sentences, hosts, and its HTML."""

import re
from html.parser import HTMLParser

_WORD = re.compile(r"\w+")
_GROUPED = re.compile(r"(?<=\d)[.,\u2019'\u00a0\u202f](?=\d{3}(?!\d))")
_SPACED = re.compile(r"(?<![\d,.])\d{1,3}(?: \d{3})+(?!\d)")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_ENDINGS = (
    "com|org|net|eu|fr|io|de|es|it|nl|be|ch|lu|at|uk|ie|us|ca|info|biz|app|dev|ai|co|me|ly|cc|"
    "cloud|online|site|shop|top|xyz|ru|cn|su|tk|link|click|email|support|help|tech|page|web|to"
)
_HOST = re.compile(
    r"(?:(?P<scheme>https?)://|(?P<mail>[\w.+-]+@))?"
    rf"(?P<host>(?:[\w-]+\.)+(?:{_ENDINGS}))(?![\w-])(?P<path>/[^\s<>\"]*)?",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"[a-z]+://([^\s/<>\"'?#]+)([^\s<>\"']*)", re.IGNORECASE)
_INLINE = frozenset({"a", "b", "em", "i", "span", "strong", "u", "small"})
_SILENT = frozenset({"style", "title", "script"})


class _Reader(HTMLParser):
    """Collects what a reader sees of an HTML text, and every tag with its attributes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self._silent += tag in _SILENT
        if tag not in _INLINE:
            self.seen.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT
        if tag not in _INLINE:
            self.seen.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.seen.append(data)


def html_as_text(html: str) -> str:
    """Return what a reader sees of an HTML text, a line per block."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return "".join(reader.seen)


def html_tags(html: str) -> list[tuple[str, dict[str, str]]]:
    """Return every tag of an HTML text with its attributes, in order."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.tags


def words(text: str) -> list[str]:
    """Return the words and numbers of a text in lower case, without punctuation."""
    tags_alike = text.replace("-bdh.", "-bdt.")
    return _WORD.findall(tags_alike.casefold())


def holds(text: str, part: str) -> bool:
    """Tell whether `text` says `part`, word for word, however it is laid out."""
    return f" {' '.join(words(part))} " in f" {' '.join(words(text))} "


def numbers(text: str) -> list[int]:
    """Return every number of a text, sorted; grouped digits are one number."""
    whole = _SPACED.sub(lambda found: found[0].replace(" ", ""), text)
    return sorted(int(found) for found in re.findall(r"\d+", _GROUPED.sub("", whole)))


def sentences(text: str) -> list[str]:
    """Return the sentences of a text: lines, cut at full stops."""
    return [each for each in (part.strip() for part in _SENTENCE.split(text)) if each]


def hosts(text: str) -> list[tuple[str, str]]:
    """Return every host that a mail program would make a link of, with the path behind it.

    The host of an e-mail address counts too.
    """
    named = [(found["host"].casefold(), found["path"] or "") for found in _HOST.finditer(text)]
    linked = [
        (found[1].rpartition("@")[2].partition(":")[0].casefold(), found[2])
        for found in _SCHEME.finditer(text)
    ]
    return [*named, *linked]

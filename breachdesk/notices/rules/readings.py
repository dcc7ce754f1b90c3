"""How a machine reads a message: its words, numbers, sentences, hosts, and its HTML."""

import re
from html.parser import HTMLParser

_WORD = re.compile(r"\w+")
_GROUPED = re.compile(r"(?<=\d)[.,\u2019'\u00a0\u202f](?=\d{3}(?!\d))")
_SPACED = re.compile(r"(?<![\d,.])\d{1,3}(?: \d{3})+(?!\d)")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_COUNTRIES = """
    ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs
    bt bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee
    eg er es et eu fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm
    hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb
    lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz
    na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs
    ru rw sa sb sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl
    tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw
"""
_OTHERS = """
    com org net edu gov int mil info biz name pro mobi app dev blog news live life world today
    store shop cloud online site website space host link click page web email mail support help
    tech digital media network services solutions systems agency company group center team work
    legal law bank finance money insurance health care social chat press top xyz vip win zip
    paris bzh alsace corsica berlin cat
"""
_ENDINGS = "|".join((*_COUNTRIES.split(), *_OTHERS.split(), "xn--[a-z0-9-]+"))
"""What a mail program makes a link of even where nothing else says that it is an address."""
_HOST = re.compile(
    r"(?:(?P<scheme>https?)://|(?P<mail>[\w.+-]+@))?"
    rf"(?P<host>(?:[\w-]+\.)+(?:{_ENDINGS}))(?![\w-])(?P<path>/[^\s<>\"]*)?",
    re.IGNORECASE,
)
_CALLED = re.compile(r"(?:(?<=@)|\b(?=www\.))((?:[\w-]+\.)+[a-z]{2,})(?![\w-])", re.IGNORECASE)
"""What stands behind an @ or www. is a host, whatever it ends in."""
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
    called = [(found[1].casefold(), "") for found in _CALLED.finditer(text)]
    return [*named, *linked, *called]

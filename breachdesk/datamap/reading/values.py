"""What each single value must look like. Each check raises Unusable with what was expected."""

import re
import tomllib
from importlib import resources

from breachdesk.datamap.reading.fields import Check, nearest
from breachdesk.datamap.terms.numbers import is_siren
from breachdesk.datamap.terms.patterns import Pattern
from breachdesk.kernel import times
from breachdesk.kernel.errors import Unusable

CODES: dict[str, dict[str, list[str]]] = tomllib.loads(
    (resources.files(__package__) / "codes.toml").read_text(encoding="utf-8")
)
SECTIONS_OF_THE_NAF = "ABCDEFGHIJKLMNOPQRSTU"
EEA: frozenset[str] = frozenset(CODES["places"]["eea"])
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE")


def identifier(text: str) -> None:
    """Expect a snake_case id: it stands in codes, digests and file names."""
    _shape(text, r"[a-z][a-z0-9_]*", "small letters, digits and _, as identification_contact")


def column(text: str) -> None:
    """Expect the name of a mapped column of the directory."""
    _shape(text, r"[A-Za-z_][A-Za-z0-9_]*", "the name of a column in a directory's map")


def siren(text: str) -> None:
    """Expect a SIREN."""
    if not is_siren(text):
        raise Unusable(f"{text!r} is not a SIREN: nine digits whose Luhn sum holds")


def sector(text: str) -> None:
    """Expect a section of the NAF."""
    if len(text) != 1 or text not in SECTIONS_OF_THE_NAF:
        raise Unusable(f"{text!r} is not a section of the NAF: one letter from A to U")


def country(text: str) -> None:
    """Expect an ISO 3166-1 code."""
    _shape(text, r"[A-Z]{2}", "a country in two capital letters, as FR")


def language(text: str) -> None:
    """Expect a language tag."""
    _shape(text, r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", "a language, as fr or fr-BE")


def domain(text: str) -> None:
    """Expect a host name."""
    _shape(text, r"(?!-)[a-z0-9-]+(\.[a-z0-9-]+)+", "a domain in small letters, as example.org")


def email(text: str) -> None:
    """Expect something one can write to."""
    _shape(
        text, r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+", "an e-mail address, as dpo@example.org"
    )


def phone(text: str) -> None:
    """Expect a number in the international form."""
    _shape(
        text, r"\+[0-9][0-9 ]{5,20}", "a phone number with its country, as +33 1 53 73 22 22"
    )


def vat_number(text: str) -> None:
    """Expect a VAT number of the European Union."""
    _shape(text, r"[A-Z]{2}[0-9A-Z]{2,13}", "a VAT number, as FR40303265045")


def authority(text: str) -> None:
    """Expect a pack id."""
    _shape(text, r"[a-z]{2}(-[a-z0-9]+)+", "an authority's pack id, as fr-cnil")


def pattern(text: str) -> None:
    """Expect a route pattern."""
    Pattern.read(text)


def period(text: str) -> None:
    """Expect an ISO 8601 period that lasts."""
    if not any(times.period(text).values()):
        raise Unusable(f"{text!r} lasts no time; write it like P5Y")


def zone(text: str) -> None:
    """Expect a time zone."""
    times.zone(text)


def method(text: str) -> None:
    """Expect an HTTP method."""
    if text not in METHODS:
        raise Unusable(f"{text!r} is not an HTTP method; {nearest(text.upper(), METHODS)}")


def status(text: str) -> None:
    """Expect a status or a class of statuses."""
    _shape(text, r"[1-5](xx|[0-9]{2})", 'a status, as "304", or a class, as "2xx"')


def code(of: str, authority_list: str) -> Check:
    """Return the check for the codes of `data` or `people` in the `cnil` or `edpb` list."""
    known = CODES[of][authority_list]

    def check(text: str) -> None:
        if text not in known:
            raise Unusable(
                f"{text!r} is not in the {authority_list.upper()} list; {nearest(text, known)}"
            )

    return check


def choice(words: tuple[str, ...]) -> Check:
    """Return the check for one of a few words."""

    def check(text: str) -> None:
        if text not in words:
            raise Unusable(f"{text!r} is not one of {', '.join(words)}")

    return check


def _shape(text: str, shape: str, expected: str) -> None:
    if not re.fullmatch(shape, text):
        raise Unusable(f"{text!r} is not {expected}")

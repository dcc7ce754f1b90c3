"""Numbers that check themselves: SIREN and SIRET."""

import re


def is_siren(text: str) -> bool:
    """Say whether `text` is nine digits whose Luhn sum holds (ISO/IEC 7812-1)."""
    return bool(re.fullmatch(r"[0-9]{9}", text)) and _luhn(text) % 10 == 0


def is_siret(text: str, siren: str) -> bool:
    """Say whether `text` is an establishment's number of that SIREN: five digits more."""
    whole = re.fullmatch(r"[0-9]{14}", text) is not None and text.startswith(siren)
    la_poste = siren == "356000000" and whole and sum(map(int, text)) % 5 == 0
    return whole and (_luhn(text) % 10 == 0 or la_poste)


def _luhn(digits: str) -> int:
    doubled = (2 * int(digit) for digit in digits[-2::-2])
    return sum(map(int, digits[-1::-2])) + sum(number // 10 + number % 10 for number in doubled)

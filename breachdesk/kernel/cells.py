"""Cells of tables that a spreadsheet may open: none of them is ever computed."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula; wide signs are signs to some."""

_SIGNS = {*FORMULA}


def safe(cell: str) -> str:
    """Return `cell` so that no spreadsheet computes it: an apostrophe goes before a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) or cell.lstrip()[:1] in _SIGNS else cell

"""Paths of files that were taken, as the routes of a data map are asked for them."""

import re

OBJECTS = {"s3": "/s3/", "s3a": "/s3/", "s3n": "/s3/", "gs": "/storage/"}
"""What stands for the stores of objects in the paths of the ready-made logs."""
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/]*)(/.*)?", re.DOTALL)
_WINDOWS = re.compile(r"(?:[A-Za-z]:)?\\")


def resource(line: str, under: str | None) -> str:
    """Return the path that a line of a list of files names.

    A path or an address of the web is read as a log's path is. The name of an object is taken
    as it is (`s3://`, `gs://`, and whatever is said to lie `under` a path): its "%" and "?"
    are letters like others.
    """
    said = line.strip()
    found = _ADDRESS.fullmatch(said)
    if found is not None and found[1].lower() in OBJECTS:
        return OBJECTS[found[1].lower()] + _literal(found[2] + (found[3] or ""))
    if under is not None:
        return under.rstrip("/") + "/" + _literal(said.removeprefix("./").lstrip("/"))
    if found is not None:
        return found[3] or "/"
    if _WINDOWS.match(said):
        said = said.replace("\\", "/").lstrip("/")
    return "/" + said.removeprefix("./").removeprefix("/")


def _literal(name: str) -> str:
    return name.replace("%", "%25").replace("?", "%3F")

"""The few files that a page needs: ours, and two wheels'; compressed, kept by browsers."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from flask import Flask, Response, abort, request, url_for

ENDPOINT = "asset"
OURS = Path(__file__).with_name("static")
LASTING = "public, max-age=31536000, immutable"
"""An address holds the digest of its file: what it shows never changes."""
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
WHEELS = {
    "bootstrap.min.css": ("flask_bootstrap", "static/bootstrap5/css/bootstrap.min.css"),
    "htmx.min.js": ("js_lib_htmx", "static/htmx/htmx.min.js"),
}
"""What others wrote, by the installed package in which it lies; none of them is imported."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent, plain and compressed."""

    plain: bytes
    packed: bytes
    digest: str
    kind: str


def serve(app: Flask) -> None:
    """Serve the files, and let pages name them with `asset("desk.css")`."""
    app.add_url_rule("/assets/<digest>/<name>", ENDPOINT, _answer)
    app.add_template_global(address, "asset")


def address(name: str) -> str:
    """Return where a file is served; another content has another address."""
    return url_for(ENDPOINT, digest=load(name).digest, name=name)


@cache
def load(name: str) -> Asset:
    """Read a file once. Raises FileNotFoundError for one that no page needs."""
    path = _path(name)
    plain = path.read_bytes()
    if path.suffix == ".css":
        plain = plain.partition(b"/*# sourceMappingURL")[0]  # the map is not served
    packed = gzip.compress(plain, 9, mtime=0)
    return Asset(plain, packed, hashlib.sha256(plain).hexdigest()[:12], KINDS[path.suffix])


def names() -> tuple[str, ...]:
    """Return every file that is served."""
    return tuple(sorted({*WHEELS, *(each.name for each in OURS.iterdir())}))


def _path(name: str) -> Path:
    if name not in WHEELS:
        return OURS / name
    package, inside = WHEELS[name]
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError(f"{package} is not installed; it brings {name}")
    return Path(next(iter(found.submodule_search_locations))) / inside


def _answer(digest: str, name: str) -> Response:
    if name not in names() or digest != load(name).digest:
        abort(404)
    asset = load(name)
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    answer = Response(asset.packed if packed else asset.plain, content_type=asset.kind)
    answer.headers["Cache-Control"] = LASTING
    answer.headers["Vary"] = "Accept-Encoding"
    if packed:
        answer.headers["Content-Encoding"] = "gzip"
    return answer

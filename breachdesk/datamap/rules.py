"""What changed from one data map to the next, and the digest of what one says."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from breachdesk.datamap.terms import DataMap, Route

Content = Mapping[str, Mapping[str, Any]]
"""What a map says, by kind and then by name."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Names of what came, went and changed, by kind: `{"stores": ("billing",)}`."""

    added: Mapping[str, tuple[str, ...]]
    removed: Mapping[str, tuple[str, ...]]
    changed: Mapping[str, tuple[str, ...]]

    def __bool__(self) -> bool:
        """Say whether anything changed at all."""
        return bool(self.added or self.removed or self.changed)

    def as_json(self) -> dict[str, dict[str, list[str]]]:
        """Return the three as plain lists."""
        return {
            each.name: {kind: list(names) for kind, names in getattr(self, each.name).items()}
            for each in fields(self)
        }


def changes(before: DataMap | None, after: DataMap) -> Changes:
    """Return what `after` says otherwise than `before`; from nothing, all of it is added."""
    was: Content = {} if before is None else _content(before)
    now = _content(after)
    added, removed, changed = {}, {}, {}
    for kind in now:
        earlier, later = was.get(kind, {}), now[kind]
        added[kind] = tuple(sorted(later.keys() - earlier.keys()))
        removed[kind] = tuple(sorted(earlier.keys() - later.keys()))
        changed[kind] = tuple(
            sorted(
                name for name in earlier.keys() & later.keys() if earlier[name] != later[name]
            )
        )
    return Changes(_filled(added), _filled(removed), _filled(changed))


def digest(datamap: DataMap) -> str:
    """Return the SHA-256 of what the map says; comments, order and layout do not count."""
    content = json.dumps(_content(datamap), ensure_ascii=False, sort_keys=True, default=_plain)
    return "sha256:" + hashlib.sha256(content.encode()).hexdigest()


def _content(datamap: DataMap) -> Content:
    routes: dict[str, list[str]] = {}
    for route in datamap.routes:
        said = {**asdict(route), "categories": sorted(route.categories)}
        routes.setdefault(_name(route), []).append(
            json.dumps(said, sort_keys=True, default=_plain)
        )
    return {
        "organisation": asdict(datamap.organisation),
        "categories": {each.id: asdict(each) for each in datamap.categories},
        "populations": {each.id: asdict(each) for each in datamap.populations},
        "stores": {each.id: asdict(each) for each in datamap.stores},
        "routes": {name: sorted(set(said)) for name, said in routes.items()},
        "not_held": {each.what: asdict(each) for each in datamap.not_held},
        "processors": {each.name: asdict(each) for each in datamap.processors},
    }


def _name(route: Route) -> str:
    where = route.store or "nobody"
    return f"{'|'.join(sorted(route.methods))} {route.match} ({route.people.value}: {where})"


def _filled(by_kind: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    return {kind: names for kind, names in by_kind.items() if names}


def _plain(value: Any) -> Any:
    return value.value

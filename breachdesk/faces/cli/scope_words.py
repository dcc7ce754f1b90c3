"""What a measure found, in lines for a terminal."""

from breachdesk.scoping.terms import Scope

UNREAD = {
    "row": "it is no row of its format",
    "instant": "its instant cannot be understood",
    "status": "its status cannot be understood",
    "address": "its address cannot be understood",
}


def measured(scope: Scope) -> str:
    """Return how many people are affected, and what could not be told of them."""
    counts = scope.counts
    lines = [f"version {scope.version}, {scope.digest}"]
    lines += [f"{people:>10}  {ring}" for ring, people in counts["rings"].items()]
    lines += [
        f"{each['proven']:>10}  {category}" for category, each in counts["by_category"].items()
    ]
    lines.append(
        f"{counts['rows_read']:>10}  rows read, {counts['unmatched']['unread_rows']} not, "
        f"in {counts['seconds']} s"
    )
    known = counts["identity"]
    lines.append(
        f"{known['persons']:>10}  people behind {known['records']} records of the directories, "
        f"{known['persons_if_suggestions_held']} if equal telephone numbers meant one person"
    )
    taken = counts.get("exported", {"unmatched": 0})
    if taken["unmatched"]:
        some = ", ".join(f"{each['file']} line {each['row']}" for each in taken["examples"])
        lines.append(
            f"{taken['unmatched']:>10}  of {taken['paths']} taken files fit no route: {some}"
        )
    lines += [
        f"{each['file']} row {each['row']} was not read: {UNREAD[each['reason']]}"
        for each in counts.get("unread_examples", ())
    ]
    lines += [
        f"{name} holds the same as {first}, and was read once"
        for name, first in counts.get("repeated_files", ())
    ]
    return "\n".join(lines)

"""What of a notice everybody may read: who sends it, its subjects, what all are told alike."""

from collections.abc import Iterable, Mapping

from breachdesk.notices import rules as notices


def common_text(frames: Iterable[str]) -> str:
    """Return the lines that stand in every one of `frames` and hold no tag.

    What differs tells something of its reader: which data of theirs are concerned.
    """
    texts = [frame.splitlines() for frame in frames]
    shared = set.intersection(*(set(lines) for lines in texts)) if texts else set()
    kept: list[str] = []
    for line in texts[0] if texts else []:
        blank = not line.strip()
        if (line in shared and not notices.tag_names(line)) and not (
            blank and kept and not kept[-1].strip()
        ):
            kept.append(line)
    return "\n".join(kept).strip() + "\n"


def common_subject(subjects: Iterable[str]) -> tuple[str, ...]:
    """Return the subjects that have no tag, each once."""
    return tuple(dict.fromkeys(each for each in subjects if not notices.tag_names(each)))


def published_document(
    sender: str, subjects: Mapping[str, tuple[str, ...]], texts: Mapping[str, str]
) -> dict[str, object]:
    """Return what a publication's digest is of."""
    return {
        "sender": sender,
        "subjects": {key: list(value) for key, value in sorted(subjects.items())},
        "texts": dict(sorted(texts.items())),
    }

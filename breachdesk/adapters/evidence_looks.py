"""Every byte of every file of a question, looked at beside the measure.

Its digest, its checksum where it is packed, and that nobody writes to it meanwhile.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

from breachdesk.adapters import evidence_files, evidence_stretches
from breachdesk.kernel.errors import Problem, Unusable
from breachdesk.scoping import rules
from breachdesk.scoping.terms import File, FileDigest, Log, Question


@contextmanager
def looked_at(question: Question) -> Iterator[Callable[[], tuple[FileDigest, ...]]]:
    """Look at every file beside the block; yield what waits for the digests.

    That raises Unusable for a packed file whose checksum does not fit, and for a file that is
    not what it was before the block: a part of the answer would be of the one, a part of the
    other. Whatever else the block could not use, a change is named as the reason for it.
    """
    files = [(part, file) for part in question.parts for file in part.files]
    before, given_up = [_state(file) for _, file in files], Event()

    def refuse_changed() -> None:
        for (_, file), state in zip(files, before, strict=True):
            if _state(file) != state:
                raise Unusable(Problem(rules.CHANGED, file.name))

    with ThreadPoolExecutor(max_workers=1) as pool:
        digests = [(part.place, file, pool.submit(_sha256, file)) for part, file in files]
        checks = [
            pool.submit(evidence_files.check_whole, file, given_up)
            for part, file in files
            if not _is_checked_elsewhere(part, file)
        ]

        def known() -> tuple[FileDigest, ...]:
            for check in checks:
                check.result()
            found = tuple(_digest(*each) for each in digests)
            refuse_changed()
            return found

        try:
            yield known
        except (Unusable, OSError):
            refuse_changed()
            raise
        finally:
            given_up.set()
            pool.shutdown(cancel_futures=True)


def _is_checked_elsewhere(part: object, file: File) -> bool:
    """Tell whether a checksum was looked at when a file was made, or is when it is read."""
    if isinstance(part, Log) and part.ready is None:
        return file.imported is not None or evidence_stretches.fits(file, part.format)
    return file.imported is not None


def _state(file: File) -> tuple[int, int, int] | None:
    """Return what changes when somebody writes to a file, or puts another in its place."""
    try:
        found = (file.imported or file.path).stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _sha256(file: File) -> str:
    return file.sha256 or rules.file_digest(file.path)


def _digest(part: str, file: File, mark: "Future[str]") -> FileDigest:
    return FileDigest(file.name, part, file.path.stat().st_size, mark.result())

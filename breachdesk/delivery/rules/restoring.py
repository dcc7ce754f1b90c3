"""What a restored ledger cannot know: whether what waited when it was copied has left since."""

from collections.abc import Mapping

from breachdesk.delivery.terms import ChunkState

RESTORED: Mapping[ChunkState, frozenset[ChunkState]] = {
    state: frozenset({ChunkState.UNKNOWN, ChunkState.DOUBT})
    for state in (
        ChunkState.READY,
        ChunkState.CLAIMED,
        ChunkState.POSTING,
        ChunkState.BLOCKED,
    )
}
"""Each of these may have been sent after the backup: it becomes unknown, or is in doubt."""

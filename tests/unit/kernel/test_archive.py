"""A sealed file opens whole or not at all, and appears whole or not at all."""

from pathlib import Path

import pytest

from breachdesk.kernel import archive
from breachdesk.kernel.archive import BackupKey, Record, WrongKey, document
from breachdesk.kernel.errors import Unusable
from breachdesk.kernel.vault import Tampered
from dying import deaths

KEY = BackupKey(bytes(range(32)), passphrase=False)


class TestWrite:
    def test_leaves_the_earlier_backup_whole_wherever_it_dies(self, tmp_path: Path) -> None:
        path = tmp_path / "x.bak"
        archive.write(path, KEY, [Record(b"M", b"earlier")])

        for _ in deaths(lambda: archive.write(path, KEY, [Record(b"M", b"later")])):
            [record] = archive.read(path, KEY)
            assert record.content in {b"earlier", b"later"}

        assert list(archive.read(path, KEY)) == [Record(b"M", b"later")]


class TestRead:
    def test_notices_every_byte_that_is_cut_altered_or_added(self, tmp_path: Path) -> None:
        path = tmp_path / "small.bak"
        archive.write(path, KEY, [document(b"M", {"format": 1}), Record(b"D", b"data" * 9)])
        whole = path.read_bytes()
        line = whole.index(b"\n", whole.index(b"\n") + 1)

        for place in range(len(whole)):
            for damaged in (
                whole[:place],
                whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :],
            ):
                path.write_bytes(damaged)
                with pytest.raises((Tampered, WrongKey, Unusable)):
                    list(archive.read(path, KEY))
        for longer in (whole + b"\0", whole + whole[line + 1 :]):
            path.write_bytes(longer)
            with pytest.raises(Tampered):
                list(archive.read(path, KEY))

    def test_refuses_frames_that_changed_places(self, tmp_path: Path) -> None:
        path = tmp_path / "large.bak"
        archive.write(path, KEY, (Record(b"D", bytes([n]) * (1 << 20)) for n in range(3)))
        whole = path.read_bytes()
        start = whole.index(b"\n", whole.index(b"\n") + 1) + 1
        frame = (1 << 20) + 28 + 4
        path.write_bytes(
            whole[:start]
            + whole[start + frame : start + 2 * frame]
            + whole[start : start + frame]
            + whole[start + 2 * frame :]
        )

        with pytest.raises((Tampered, WrongKey)):
            list(archive.read(path, KEY))


class TestBackupKey:
    @pytest.mark.parametrize(
        ("secret", "passphrase"), [(b"eleven char", True), (b"x" * 31, False)]
    )
    def test_refuses_what_could_be_guessed(self, secret: bytes, passphrase: bool) -> None:
        with pytest.raises(Unusable):
            BackupKey(secret, passphrase=passphrase)

    def test_shows_nothing_of_itself(self) -> None:
        assert "canary" not in repr(BackupKey(b"canary" * 9, passphrase=True))

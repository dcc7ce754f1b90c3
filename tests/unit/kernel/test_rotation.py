"""The master key can be changed, wherever it is kept and whenever the power goes."""

import sys
from pathlib import Path
from uuid import UUID

import pytest

from breachdesk.adapters.master_keys import KeyFile, KeyProgram
from breachdesk.kernel.errors import Refused
from breachdesk.kernel.masters import GivenKey, MasterKeys, WrongMaster
from breachdesk.kernel.vault import Purged, Tampered, Vault, read_master
from dying import deaths

INCIDENTS = [UUID(int=0x7000_8000_0000_0000_0000 + n) for n in range(3)]
CANARY = b"anna@example.org"
PROGRAM = """
import sys
word, data = sys.argv[1], sys.stdin.buffer.read()
turned = bytes(byte ^ 0x5A for byte in data)
back = bytes(byte ^ 0x5A for byte in data[4:])
sys.stdout.buffer.write(b"kms:" + turned if word == "wrap" else back)
"""


@pytest.fixture(params=["file", "program", "given"])
def keeper(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[MasterKeys, MasterKeys]:
    """Return who keeps the key, and who does while it is rotated."""
    if request.param == "file":
        kept = KeyFile(tmp_path / "secrets" / "master.key")
        return kept, kept
    if request.param == "program":
        (tmp_path / "kms.py").write_text(PROGRAM)
        command = f"{sys.executable} {tmp_path / 'kms.py'}"
        wrapped = KeyProgram(command, tmp_path / "secrets" / "master.wrapped")
        return wrapped, wrapped
    return GivenKey(bytes(32)), GivenKey(bytes(range(32)), bytes(32))


def filled(folder: Path, keeper: MasterKeys) -> list[bytes]:
    """Make a vault with sealed things in it, and return them."""
    vault = Vault(folder, keeper)
    for incident in INCIDENTS:
        vault.make_key(incident)
    vault.keep_head("chain", 7, "sha256:seven")
    return [vault.seal(incident, CANARY, label="x") for incident in INCIDENTS]


def opens_all(vault: Vault, sealed: list[bytes]) -> bool:
    return vault.head("chain") == (7, "sha256:seven") and all(
        vault.open(incident, each, label="x") == CANARY
        for incident, each in zip(INCIDENTS, sealed, strict=True)
    )


class TestRotate:
    def test_wraps_all_anew_and_loses_nothing_wherever_it_dies(
        self, tmp_path: Path, keeper: tuple[MasterKeys, MasterKeys]
    ) -> None:
        before, during = keeper
        sealed = filled(tmp_path / "vault", before)
        old = before.read()[0]

        died = 0
        for died in deaths(lambda: Vault(tmp_path / "vault", during).rotate()):  # noqa: B007
            assert opens_all(Vault(tmp_path / "vault", during), sealed)

        assert died >= len(INCIDENTS)
        rotated = Vault(tmp_path / "vault", during)
        assert opens_all(rotated, sealed)
        if isinstance(during, GivenKey):
            during = GivenKey(during.read()[0])
        assert opens_all(Vault(tmp_path / "vault", during), sealed)
        assert during.read() != (old,)
        with pytest.raises(WrongMaster, match="the one at hand is"):
            Vault(tmp_path / "vault", old)

    def test_is_noticed_by_a_process_that_works_on(self, tmp_path: Path) -> None:
        kept = KeyFile(tmp_path / "master.key")
        sealed = filled(tmp_path / "vault", kept)
        working = Vault(tmp_path / "vault", kept)

        Vault(tmp_path / "vault", kept).rotate()
        working.keep_head("other", 1, "sha256:one")
        working.make_key(UUID(int=9))

        assert opens_all(working, sealed)
        afresh = Vault(tmp_path / "vault", KeyFile(tmp_path / "master.key"))
        assert afresh.head("other") == (1, "sha256:one")
        assert afresh.address_key(UUID(int=9), "x") == working.address_key(UUID(int=9), "x")

    def test_is_refused_to_a_process_whose_environment_is_of_yesterday(
        self, tmp_path: Path
    ) -> None:
        filled(tmp_path / "vault", GivenKey(bytes(32)))
        working = Vault(tmp_path / "vault", GivenKey(bytes(32)))
        Vault(tmp_path / "vault", GivenKey(bytes(range(32)), bytes(32))).rotate()

        with pytest.raises(WrongMaster):
            working.keep_head("chain", 8, "sha256:eight")

    def test_takes_over_a_vault_from_before_the_mark(self, tmp_path: Path) -> None:
        sealed = filled(tmp_path / "vault", GivenKey(bytes(32)))
        (tmp_path / "vault" / "master.mark").unlink()

        with pytest.raises(WrongMaster, match="does not open"):
            Vault(tmp_path / "vault", bytes(range(32)))
        assert opens_all(Vault(tmp_path / "vault", bytes(32)), sealed)

    def test_needs_the_former_key_beside_a_given_one(self, tmp_path: Path) -> None:
        with pytest.raises(Refused, match="BREACHDESK_MASTER_KEY_FORMER"):
            Vault(tmp_path, GivenKey(bytes(32))).rotate()


class TestKeyProgram:
    def test_leaves_no_key_in_clear(self, tmp_path: Path) -> None:
        (tmp_path / "kms.py").write_text(PROGRAM)
        keeper = KeyProgram(f"{sys.executable} {tmp_path / 'kms.py'}", tmp_path / "wrapped")
        key = keeper.read()[0]
        filled(tmp_path / "vault", keeper)

        assert not [
            path for path in tmp_path.rglob("*") if path.is_file() and key in path.read_bytes()
        ]

    @pytest.mark.parametrize(
        ("program", "says"),
        [
            ("import sys; sys.exit(3)", "ended with 3"),
            ("import sys; sys.stdout.write('short')", "gave 5 bytes"),
        ],
    )
    def test_says_which_program_failed(self, tmp_path: Path, program: str, says: str) -> None:
        (tmp_path / "kms.py").write_text(program)
        keeper = KeyProgram(f"{sys.executable} {tmp_path / 'kms.py'}", tmp_path / "wrapped")

        with pytest.raises(Refused, match=says):
            keeper.read()

    def test_says_that_there_is_no_such_program(self, tmp_path: Path) -> None:
        with pytest.raises(Refused, match="cannot wrap: No such file"):
            KeyProgram("/nowhere/kms", tmp_path / "wrapped").read()


class TestDestroyedKey:
    def test_never_comes_back(self, tmp_path: Path) -> None:
        filled(tmp_path / "vault", GivenKey(bytes(32)))
        vault = Vault(tmp_path / "vault", bytes(32))
        copy = (vault.folder / "keys" / f"{INCIDENTS[0]}.key").read_bytes()
        clear = tmp_path / "clear"
        clear.write_bytes(CANARY)
        vault.store_list(INCIDENTS[0], "scope-1", clear)

        vault.destroy_key(INCIDENTS[0])
        (vault.folder / "keys" / f"{INCIDENTS[0]}.key").write_bytes(copy)

        for attempt in (
            lambda: vault.make_key(INCIDENTS[0]),
            lambda: vault.seal(INCIDENTS[0], b"x", label="x"),
        ):
            with pytest.raises(Purged):
                attempt()
        assert vault.destroyed() == {INCIDENTS[0]}
        assert not (vault.folder / "lists" / str(INCIDENTS[0])).exists()

    def test_shows_a_key_that_was_altered(self, tmp_path: Path) -> None:
        filled(tmp_path / "vault", GivenKey(bytes(32)))
        vault = Vault(tmp_path / "vault", bytes(32))
        (vault.folder / "keys" / f"{INCIDENTS[0]}.key").write_bytes(read_master(tmp_path / "x"))

        with pytest.raises(Tampered):
            vault.seal(INCIDENTS[0], b"x", label="x")

"""The vault opens what it sealed, and nothing else."""

from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from breachdesk.kernel import vault as vaults
from breachdesk.kernel.errors import Unusable
from breachdesk.kernel.vault import FRAME_BYTES, Purged, Tampered, Vault, read_master

INCIDENT = UUID("00000000-0000-7000-8000-0000000000aa")
OTHER = UUID("00000000-0000-7000-8000-0000000000bb")


@pytest.fixture
def keyed(vault: Vault) -> Vault:
    vault.make_key(INCIDENT)
    vault.make_key(OTHER)
    return vault


class TestSeal:
    @given(clear=st.binary(max_size=2000), label=st.text(max_size=20))
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
    def test_opens_what_it_sealed(self, keyed: Vault, clear: bytes, label: str) -> None:
        sealed = keyed.seal(INCIDENT, clear, label=label)

        assert keyed.open(INCIDENT, sealed, label=label) == clear
        assert len(clear) < 8 or clear not in sealed

    def test_refuses_another_incident_another_label_and_a_changed_byte(
        self, keyed: Vault
    ) -> None:
        sealed = keyed.seal(INCIDENT, b"anna@example.org", label="chunk 1")
        changed = sealed[:-1] + bytes([sealed[-1] ^ 1])

        for incident, label, text in (
            (OTHER, "chunk 1", sealed),
            (INCIDENT, "chunk 2", sealed),
            (INCIDENT, "chunk 1", changed),
        ):
            with pytest.raises(Tampered):
                keyed.open(incident, text, label=label)

    def test_is_closed_for_good_once_the_key_is_destroyed(self, keyed: Vault) -> None:
        sealed = keyed.seal(INCIDENT, b"anna@example.org", label="chunk 1")
        keyed.destroy_key(INCIDENT)

        with pytest.raises(Purged):
            keyed.open(INCIDENT, sealed, label="chunk 1")

    def test_keeps_the_key_it_has_when_asked_to_make_one_again(self, keyed: Vault) -> None:
        sealed = keyed.seal(INCIDENT, b"anna", label="chunk 1")
        keyed.make_key(INCIDENT)

        assert keyed.open(INCIDENT, sealed, label="chunk 1") == b"anna"


class TestLists:
    @pytest.mark.parametrize("size", [0, 1, FRAME_BYTES, FRAME_BYTES + 1, 3 * FRAME_BYTES])
    def test_gives_back_the_very_bytes(self, keyed: Vault, tmp_path: Path, size: int) -> None:
        clear, back = tmp_path / "clear", tmp_path / "back"
        clear.write_bytes(bytes(range(256)) * (size // 256) + b"x" * (size % 256))
        keyed.store_list(INCIDENT, "scope-1", clear)
        keyed.fetch_list(INCIDENT, "scope-1", back)

        assert back.read_bytes() == clear.read_bytes()
        assert back.stat().st_mode & 0o777 == 0o600

    def test_shows_a_frame_cut_off_at_the_end(self, keyed: Vault, tmp_path: Path) -> None:
        clear = tmp_path / "clear"
        clear.write_bytes(b"a" * (2 * FRAME_BYTES))
        keyed.store_list(INCIDENT, "scope-1", clear)
        [sealed] = tmp_path.glob("vault/lists/*/scope-1.sealed")
        whole = sealed.read_bytes()
        frame = FRAME_BYTES + 28 + 4
        end = len(whole) - 2 * frame

        for cut in (whole[:frame], whole[: 2 * frame], whole[:-end] + whole[-end:][:-1]):
            sealed.write_bytes(cut)
            with pytest.raises(Tampered):
                keyed.fetch_list(INCIDENT, "scope-1", tmp_path / "back")

    def test_shows_two_frames_that_changed_places(self, keyed: Vault, tmp_path: Path) -> None:
        clear = tmp_path / "clear"
        clear.write_bytes(b"a" * FRAME_BYTES + b"b" * FRAME_BYTES)
        keyed.store_list(INCIDENT, "scope-1", clear)
        [sealed] = tmp_path.glob("vault/lists/*/scope-1.sealed")
        whole, frame = sealed.read_bytes(), FRAME_BYTES + 28 + 4
        sealed.write_bytes(whole[frame : 2 * frame] + whole[:frame] + whole[2 * frame :])

        with pytest.raises(Tampered):
            keyed.fetch_list(INCIDENT, "scope-1", tmp_path / "back")


class TestAddressKey:
    def test_is_equal_for_equal_texts_of_one_incident_alone(self, keyed: Vault) -> None:
        mark = keyed.address_key(INCIDENT, "anna@example.org")

        assert mark == keyed.address_key(INCIDENT, "anna@example.org")
        assert mark != keyed.address_key(INCIDENT, "bert@example.org")
        assert mark != keyed.address_key(OTHER, "anna@example.org")


class TestHead:
    def test_never_goes_back(self, vault: Vault) -> None:
        vault.keep_head("chain", 7, "sha256:seven")
        vault.keep_head("chain", 6, "sha256:six")

        assert vault.head("chain") == (7, "sha256:seven")

    def test_cannot_stand_in_for_another_chain(self, vault: Vault, tmp_path: Path) -> None:
        vault.keep_head("mine", 7, "sha256:seven")
        heads = tmp_path / "vault" / "heads"
        (heads / "yours.sealed").write_bytes((heads / "mine.sealed").read_bytes())

        with pytest.raises(Tampered):
            vault.head("yours")


class TestMasterKey:
    def test_is_made_once_and_private(self, tmp_path: Path) -> None:
        path = tmp_path / "secrets" / "master.key"
        first = read_master(path)

        assert read_master(path) == first
        assert len(first) == vaults.KEY_BYTES
        assert path.stat().st_mode & 0o777 == 0o600

    def test_of_the_wrong_length_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(Unusable, match="3 bytes"):
            Vault(tmp_path, b"key")

"""One person in two directories, and how many there may be if telephone numbers tell."""

from pathlib import Path

import scoping_world as world

PERSON = {
    "user_id": "u1", "mail": "u1@x.fr", "lang": "fr", "country": "FR", "org": "o1",
    "deleted_at": None, "closed_at": None, "tel": None,
}  # fmt: skip
CONTACT = {
    "contact_id": "c1", "mail": None, "lang": "en", "country": "BE", "org": "o1",
    "synced_at": "2026-11-19T12:00:00Z", "tel": None,
}  # fmt: skip


def identity(
    folder: Path, accounts: list[dict[str, str]], contacts: list[dict[str, str]]
) -> tuple[int, ...]:
    world.ndjson(folder / "accounts.ndjson", [PERSON | each for each in accounts])
    world.ndjson(folder / "contacts.ndjson", [CONTACT | each for each in contacts])
    (folder / "leak.txt").write_text("nobody\n")
    text = world.question(
        evidence=[{"people": "leak.txt", "categories": ["secrets"]}],
        directory=[
            {
                "files": ["accounts.ndjson"],
                "store": "accounts",
                "map": {**world.ACCOUNTS_MAP, "phone": "tel"},
            },
            {
                "files": ["contacts.ndjson"],
                "store": "contacts",
                "map": {**world.CONTACTS_MAP, "phone": "tel"},
            },
        ],
    )
    counts = world.counts(folder, text)
    assert counts["rings"]["population"] == counts["directory"]
    return tuple(counts["identity"].values())


class TestPersons:
    def test_are_one_by_key_and_by_address_in_two_stores(self, tmp_path: Path) -> None:
        accounts = [
            {"user_id": "u1", "mail": "Ada@B\u00fccher.example"},
            {"user_id": "u2", "mail": "eve@x.fr"},
        ]
        contacts = [
            {"contact_id": "c1", "mail": "ada@xn--bcher-kva.example "},
            {"contact_id": "u2", "mail": "other@x.fr"},
            {"contact_id": "c3", "mail": "e.ve@x.fr"},
        ]

        assert identity(tmp_path, accounts, contacts) == (5, 3, 3)

    def test_stay_two_who_share_an_address_in_a_store(self, tmp_path: Path) -> None:
        accounts = [{"user_id": "u1"}, {"user_id": "u2", "mail": "u1@x.fr"}]

        assert identity(tmp_path, accounts, [{"contact_id": "c1", "mail": "u1@x.fr"}]) == (
            3, 3, 3,
        )  # fmt: skip

    def test_are_only_suggested_by_a_telephone_number(self, tmp_path: Path) -> None:
        accounts = [
            {"user_id": "u1", "tel": "06 12 34 56 78", "mail": "a@x.fr"},
            {"user_id": "u2", "tel": "+33 (0)6.12.34.56.78", "mail": "b@x.fr"},
            {"user_id": "u3", "tel": "17", "mail": "c@x.fr"},
            {"user_id": "u4", "tel": "17", "mail": "d@x.fr"},
        ]
        contacts = [{"contact_id": "c1", "mail": "B@x.fr", "tel": "0033611111111"}]

        assert identity(tmp_path, accounts, contacts) == (5, 4, 3)

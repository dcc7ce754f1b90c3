"""Files and answers from outside, mangled: each is read, or refused in a sentence of ours."""

import io
import struct
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]  # it has no types
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from breachdesk.adapters import sheet_reader
from breachdesk.adapters.rfc3161_stamper import Rfc3161Stamper
from breachdesk.delivery.reading import postal_in, read_postal, read_second, second_in
from breachdesk.filings.reading import read_forms
from breachdesk.keeping.errands.anchoring import read_line
from breachdesk.kernel import archive
from breachdesk.kernel.archive import BackupKey
from breachdesk.kernel.errors import BreachDeskError, Unusable
from breachdesk.law.reading import read_packs
from breachdesk.notices.reading import customers_in, read_customers, read_words
from breachdesk.reminders.reading import read_plan
from breachdesk.scoping.terms import File
from breachdesk.settings import shipped
from loopback_tsa import authority

KEY = BackupKey(b"k" * 32, passphrase=False)
POSTAL = b"person,name,line1,postcode,city\nusr_1,A,1 rue B,75001,Paris\n"
SECOND = b"person_key,second_address\nusr_1,a@b.example\n"
CUSTOMERS = b"customer,email,name,locale\nacme,a@acme.example,Acme,fr\n"
WORDS = (shipped("samples") / "leadjet" / "notice.toml").read_bytes()
PACK = (Path(__file__).parents[2] / "breachdesk/law/packs/eu-cra.toml").read_bytes()
quick = settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


SHEET = "sheet1.xml"


def workbook() -> bytes:
    sink = io.BytesIO()
    with xlsxwriter.Workbook(sink) as book:
        book.add_worksheet("People").write_column(0, 0, ["person_key", "usr_1"])
    return sink.getvalue()


BOOK = workbook()


def mangled(content: bytes, data: st.DataObject) -> bytes:
    """Return good content with a piece taken out or replaced, or anything at all."""
    if data.draw(st.booleans()):
        return data.draw(st.binary(max_size=60))
    first, last = sorted(data.draw(st.tuples(*[st.integers(0, len(content))] * 2)))
    return content[:first] + data.draw(st.binary(max_size=8)) + content[last:]


def survives(read: Callable[[], object]) -> None:
    """Understand, or refuse in a sentence that is ours."""
    with suppress(BreachDeskError):
        found = read()
        if isinstance(found, Iterator):
            list(found)


class TestEveryFile:
    @quick
    @given(st.data())
    def test_of_lists_of_people(self, tmp_path: Path, data: st.DataObject) -> None:
        path = tmp_path / "people.csv"
        for good, read in (
            (POSTAL, read_postal),
            (SECOND, read_second),
            (CUSTOMERS, read_customers),
        ):
            path.write_bytes(mangled(good, data))
            survives(lambda read=read: read(path))  # type: ignore[misc]  # bound at once

    @pytest.mark.parametrize("good", [POSTAL, SECOND, CUSTOMERS])
    def test_of_a_cell_beyond_measure(self, good: bytes) -> None:
        head, row = good.decode().splitlines()
        reads = {POSTAL: postal_in, SECOND: second_in, CUSTOMERS: customers_in}
        key, _, rest = row.partition(",")

        with pytest.raises(Unusable, match="is no table"):
            reads[good](f"{head}\n{key}{'A' * 200_000},{rest}\n", "rows")

    @quick
    @given(st.data())
    def test_of_words_for_a_notice(self, tmp_path: Path, data: st.DataObject) -> None:
        path = tmp_path / "words.toml"
        path.write_bytes(mangled(WORDS, data))
        survives(lambda: read_words(path))

    @quick
    @given(st.data())
    def test_of_law_packs(self, tmp_path: Path, data: st.DataObject) -> None:
        (tmp_path / "mine.toml").write_bytes(mangled(PACK, data))
        survives(lambda: read_packs(tmp_path))

    @quick
    @given(st.data())
    def test_of_forms_and_plans(self, tmp_path: Path, data: st.DataObject) -> None:
        """Templates are there to be edited, by people who mistype."""
        shipped_ones = shipped("templates")
        for place, read in (
            ("filings/cnil/2023/filing.toml", lambda: read_forms(tmp_path)),
            ("reminders/plan.toml", lambda: read_plan(tmp_path)),
        ):
            path = tmp_path / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(mangled((shipped_ones / place).read_bytes(), data))
            survives(read)

    @quick
    @given(st.data())
    def test_of_workbooks(self, tmp_path: Path, data: st.DataObject) -> None:
        path = tmp_path / "people.xlsx"
        path.write_bytes(mangled(BOOK, data))
        file = File(path, "people.xlsx")
        survives(lambda: sheet_reader.sheets(file))
        survives(lambda: sheet_reader.convert(file, None, tmp_path / "people.csv"))

    @quick
    @given(st.data())
    def test_of_backups(self, tmp_path: Path, data: st.DataObject) -> None:
        path = tmp_path / "desk.backup"
        archive.write(path, KEY, [archive.document(b"r", [1]), archive.Record(b"f", b"x" * 99)])
        path.write_bytes(mangled(path.read_bytes(), data))
        survives(lambda: archive.read(path, KEY))

    @quick
    @given(st.text(max_size=80) | st.builds("{} {} {} {}".format, *[st.text(max_size=9)] * 4))
    def test_of_heads_of_the_trail(self, text: str) -> None:
        survives(lambda: read_line(text))


class TestWorkbook:
    def test_that_unpacks_to_too_much_is_refused_though_it_lies(self, tmp_path: Path) -> None:
        """Two sizes stand in a zip, that of what is packed and that of the truth."""
        bomb = repacked(b" " * (9 << 20))
        real = next(
            e.file_size for e in zipfile.ZipFile(bomb).infolist() if SHEET in e.filename
        )
        lying = bomb.getvalue().replace(struct.pack("<I", real), struct.pack("<I", 1000))
        assert lying != bomb.getvalue()
        path = tmp_path / "bomb.xlsx"
        path.write_bytes(lying)

        with pytest.raises(Unusable, match="is not a workbook"):
            sheet_reader.convert(File(path, "bomb.xlsx"), None, tmp_path / "out.csv")

        path.write_bytes(repacked(b" " * (70 << 20)).getvalue())
        with pytest.raises(Unusable, match="unpacks to more than 64 MiB"):
            sheet_reader.sheets(File(path, "bomb.xlsx"))

    def test_of_two_cells_far_apart_takes_nobody_down(self, tmp_path: Path) -> None:
        """What is read lies in memory as a full sheet: these two cells take 400 GB of it."""
        path, target = tmp_path / "wide.xlsx", tmp_path / "out.csv"
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet("People")
            sheet.write(0, 0, "person_key")
            sheet.write(1_048_575, 16_383, "usr_1")
        file = File(path, "wide.xlsx")

        assert sheet_reader.sheets(file) == ["People"]
        with pytest.raises(Unusable, match="takes more than 2 GiB of memory"):
            sheet_reader.convert(file, None, target)
        assert not target.exists() or not target.read_bytes()

    def test_of_too_many_parts_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "many.xlsx"
        with zipfile.ZipFile(path, "w") as book:
            for number in range(sheet_reader.MOST_PARTS + 1):
                book.writestr(f"../{number}", b"")

        with pytest.raises(Unusable, match="more parts"):
            sheet_reader.sheets(File(path, "many.xlsx"))
        assert list(tmp_path.iterdir()) == [path]


def repacked(more: bytes) -> io.BytesIO:
    """Return the workbook with so much more in its sheet."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(BOOK)) as good,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as bad,
    ):
        for each in good.infolist():
            content = good.read(each)
            if SHEET in each.filename:
                content = content.replace(b"</sheetData>", b"</sheetData>" + more)
            bad.writestr(each.filename, content)
    return made


@pytest.fixture(scope="module")
def stamped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Rfc3161Stamper, bytes]]:
    with authority(tmp_path_factory.mktemp("tsa") / "authority") as served:
        stamper = Rfc3161Stamper(served.url, served.roots)
        yield stamper, stamper.stamp(b"a line")


class TestEveryAnswer:
    @quick
    @given(st.data())
    def test_of_time_stamping_authorities(
        self, stamped: tuple[Rfc3161Stamper, bytes], data: st.DataObject
    ) -> None:
        stamper, good = stamped
        with pytest.raises(BreachDeskError):
            stamper.check(b"another text", mangled(good, data))

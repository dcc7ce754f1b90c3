"""What the product is made of can be listed, and a known fault in it stops the gate."""

import json
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

ROOT = Path(__file__).parents[2]
FAULT = {"id": "PYSEC-2026-1", "aliases": ["CVE-2026-1"], "fix_versions": ["2.0"]}
FOUND = {"dependencies": [{"name": "flask", "version": "1.0", "vulns": [FAULT]}]}
CLEAN = {"dependencies": [{"name": "flask", "version": "1.0", "vulns": []}]}
BLIND = {"dependencies": [{"name": "flask", "skip_reason": "not found"}]}
EXCEPTION = '[[exception]]\nid = "CVE-2026-1"\nuntil = {}\nreason = "never reached"\n'


def audit(tmp_path: Path, report: object, excepted: str, *more: str) -> tuple[int, str]:
    told, exceptions = tmp_path / "report.json", tmp_path / "audit.toml"
    told.write_text(json.dumps(report))
    exceptions.write_text(excepted)
    done = subprocess.run(  # noqa: S603  (our own program)
        [
            sys.executable,
            ROOT / ".ci/audit",
            "--report",
            told,
            "--exceptions",
            exceptions,
            *more,
        ],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.returncode, done.stderr


class TestAudit:
    @pytest.mark.parametrize(
        ("report", "excepted", "code", "says"),
        [
            (CLEAN, "", 0, ""),
            (FOUND, "", 1, "flask 1.0: PYSEC-2026-1, fixed in 2.0"),
            (FOUND, EXCEPTION.format("9999-01-01"), 0, ""),
            (FOUND, EXCEPTION.format("2026-01-01"), 1, "ended on 2026-01-01: never reached"),
            (BLIND, "", 0, "NO VULNERABILITY DATA REACHABLE for 1 of 1"),
        ],
    )
    def test_stops_the_gate_for_a_known_fault_alone(
        self, tmp_path: Path, report: object, excepted: str, code: int, says: str
    ) -> None:
        ended, said = audit(tmp_path, report, excepted)

        assert ended == code
        assert (says in said) if says else not said

    def test_is_not_content_with_knowing_nothing_where_it_is_strict(
        self, tmp_path: Path
    ) -> None:
        assert audit(tmp_path, BLIND, "", "--strict")[0] == 3

    @pytest.mark.parametrize(
        "half",
        [
            EXCEPTION.format("9999-01-01").replace('"never reached"', '" "'),
            EXCEPTION.format('"9999-01-01"'),
            EXCEPTION.format("9999-01-01T00:00:00Z"),
            '[[exception]]\nid = "CVE-2026-1"\n',
        ],
    )
    def test_takes_no_exception_without_a_day_and_a_reason(
        self, tmp_path: Path, half: str
    ) -> None:
        ended, said = audit(tmp_path, CLEAN, half)

        assert (ended, "must have an id, a day `until`, and a reason" in said) == (1, True)

    def test_has_a_day_and_a_reason_for_each_exception(self) -> None:
        told = tomllib.loads((ROOT / ".ci/audit.toml").read_text("utf-8"))

        assert set(told) <= {"exception"}
        for each in told.get("exception", []):
            assert set(each) == {"id", "until", "reason"}
            assert each["reason"].strip()


class Osv(ThreadingHTTPServer):
    """A service of vulnerabilities on the loopback, that knows what it is told."""

    known: dict[str, object]


@pytest.fixture
def osv() -> Iterator[Osv]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            told = served.known.get(asked["package"]["name"], {})
            self.send_response(500 if told is None else 200)
            self.end_headers()
            self.wfile.write(json.dumps(told).encode())

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  (its name)
            """Say nothing."""

    served = Osv(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=served.serve_forever, daemon=True)
    thread.start()
    yield served
    served.shutdown()
    thread.join()
    served.server_close()


class TestService:
    @pytest.mark.parametrize(
        ("known", "code", "says"),
        [
            ({"jinja2": "broken", "ours": "broken"}, 1, "ours 1.0: GHSA-1, fixed in 2.0"),
            ({"jinja2": "broken"}, 0, ""),
            ({}, 3, "the service knows no fault of jinja2==2.4.1: it has no data"),
            ({"ours": None}, 3, "pip-audit says nothing"),
        ],
    )
    def test_is_asked_about_every_locked_package_and_believed_where_it_knows(
        self, tmp_path: Path, osv: Osv, known: dict[str, str | None], code: int, says: str
    ) -> None:
        osv.known = {name: told and _fault(name) for name, told in known.items()}
        lock = tmp_path / "lock.txt"
        lock.write_text(
            "".join(f"{name}==1.0 \\\n    --hash=sha256:{'0' * 64}\n" for name in ("ours", "a"))
        )
        done = subprocess.run(  # noqa: S603  (our own program)
            [sys.executable, ROOT / ".ci/audit", "--strict", "--lock", lock, "--",
             "--vulnerability-service", "osv",
             "--osv-url", f"http://127.0.0.1:{osv.server_port}/"],
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )  # fmt: skip

        assert done.returncode == code, done.stderr
        assert (says in done.stderr) if says else not done.stderr

    def test_is_stood_in_for_by_what_is_kept_here(self, tmp_path: Path, osv: Osv) -> None:
        osv.known = {}
        lock, exceptions = tmp_path / "lock.txt", tmp_path / "audit.toml"
        lock.write_text(f"Ours[all]==1.5 \\\n    --hash=sha256:{'0' * 64}\n")
        exceptions.write_text("")
        done = subprocess.run(  # noqa: S603  (our own program)
            [sys.executable, ROOT / ".ci/audit", "--lock", lock, "--exceptions", exceptions,
             "--advisories", kept(tmp_path), "--", "--vulnerability-service", "osv",
             "--osv-url", f"http://127.0.0.1:{osv.server_port}/"],
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )  # fmt: skip

        assert done.returncode == 1
        assert "ours 1.5: PYSEC-2026-7, fixed in 2.0" in done.stderr
        assert "NO VULNERABILITY DATA REACHABLE for 1 of 1" in done.stderr


def _fault(name: str) -> dict[str, object]:
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]}]
    affected = {"package": {"name": name, "ecosystem": "PyPI"}, "ranges": ranges}
    return {"vulns": [{"id": "GHSA-1", "summary": "x", "affected": [affected]}]}


def kept(folder: Path, **packages: str) -> Path:
    """Return a file of advisories: of the package known to be broken, of ours, and these."""
    fault = '{{id = "PYSEC-2026-{}", aliases = ["CVE-2026-{}"], affected = [{}]}}'
    known = {
        "jinja2": fault.format(8, 8, '{fixed = "2.7.2"}'),
        "ours": fault.format(7, 7, '{introduced = "1.0", fixed = "2.0"}'),
        "endless": fault.format(6, 6, "{}"),
        "clean": "",
    } | packages
    lines = "".join(f"{name} = [{told}]\n" for name, told in known.items())
    path = folder / "advisories.toml"
    path.write_text(f'as_of = 2026-03-04\nsource = "x"\n[packages]\n{lines}')
    return path


@pytest.fixture(scope="module")
def program() -> ModuleType:
    """Return the audit as a module: its name has no ending by which it could be imported."""
    spec = spec_from_loader("audit", SourceFileLoader("audit", str(ROOT / ".ci/audit")))
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


VERSIONS = st.lists(
    st.builds(
        "{}.{}{}".format,
        st.integers(0, 3),
        st.integers(0, 12),
        st.sampled_from(["", "rc1", "a2", ".dev1", ".post1", ".1", "+local"]),
    ),
    min_size=2,
    unique_by=Version,
).map(lambda some: sorted(some, key=Version))


class TestAdvisories:
    @given(VERSIONS, st.data())
    def test_name_the_versions_from_introduction_until_before_repair(
        self, program: ModuleType, versions: list[str], data: st.DataObject
    ) -> None:
        last = data.draw(st.integers(1, len(versions) - 1))
        first = data.draw(st.integers(0, last))
        since = {"introduced": versions[first]}

        for span, expected in [
            (since | {"fixed": versions[last]}, versions[first:last]),
            (since | {"last_affected": versions[last]}, versions[first : last + 1]),
            (since, versions[first:]),
            ({"fixed": versions[last]}, versions[:last]),
            ({}, versions),
        ]:
            assert [
                each for each in versions if program.inside(Version(each), span)
            ] == expected

    def test_tell_their_day_and_what_they_were_never_asked(
        self, program: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        locked = {"ours": "2.0", "endless": "9.0", "clean": "1.0", "new": "1.0", "newer": "1"}
        seen = program.remembered(locked, kept(tmp_path))

        assert program.judged(seen, []) == [
            "endless 9.0: PYSEC-2026-6, fixed in no version yet"
        ]
        assert capsys.readouterr().err == (
            "audit: judged 3 of 5 packages by advisories known on 2026-03-04: "
            "2 advisories, 1 apply; 1 packages have none\n"
            "audit: never asked about: new, newer\n"
        )

    def test_are_excepted_by_any_of_their_names(
        self, program: ModuleType, tmp_path: Path
    ) -> None:
        seen = program.remembered({"ours": "1.5"}, kept(tmp_path))
        excepted = {"until": date(9999, 1, 1), "reason": "never reached"}

        assert program.judged(seen, [excepted | {"id": "CVE-2026-8"}])
        assert not program.judged(seen, [excepted | {"id": "CVE-2026-7"}])

    def test_are_not_believed_where_they_know_nothing_of_the_broken(
        self, program: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert not program.remembered({"ours": "1.5"}, kept(tmp_path, jinja2=""))
        assert "knows no fault of jinja2==2.4.1: it has no data" in capsys.readouterr().err

    def test_know_no_fault_of_what_is_locked(self, program: ModuleType) -> None:
        seen = program.remembered(program.versions(program.LOCK), program.ADVISORIES)
        excepted = tomllib.loads(program.EXCEPTIONS.read_text("utf-8")).get("exception", [])

        assert seen
        assert program.judged(seen, excepted) == []

    def test_kept_here_are_whole(self, program: ModuleType) -> None:
        told = tomllib.loads((ROOT / ".ci/advisories.toml").read_text("utf-8"))
        faults = [each for some in told["packages"].values() for each in some]

        assert told["source"]
        assert program.faults(told["packages"]["jinja2"], "2.4.1")
        assert all(name == program.plain(name) for name in told["packages"])
        assert len({each["id"] for each in faults}) == len(faults)
        for each in faults:
            assert each["published"] <= each["modified"] <= told["as_of"]
            assert each["affected"]
            for span in each["affected"]:
                assert set(span) <= {"introduced", "fixed", "last_affected"}
                ends = [Version(span[key]) for key in span]
                assert ends == sorted(ends)


class TestBill:
    def test_names_every_locked_package_with_its_hashes(self, tmp_path: Path) -> None:
        bill = tmp_path / "bill.json"
        program = Path(sys.executable).with_name("cyclonedx-py")
        subprocess.run(  # noqa: S603  (the tool that `make sbom` calls)
            [program, "requirements", ROOT / "requirements.lock", "--pyproject",
             ROOT / "pyproject.toml", "--output-reproducible", "--of", "JSON", "-o", bill],
            check=True,
            capture_output=True,
            timeout=120,
        )  # fmt: skip

        found = json.loads(bill.read_text())
        locked = {
            line.split("==")[0]
            for line in (ROOT / "requirements.lock").read_text("utf-8").splitlines()
            if "==" in line and not line.startswith((" ", "#"))
        }
        assert {each["name"] for each in found["components"]} == {
            name.split("[")[0] for name in locked
        }
        assert all(
            any(reference.get("hashes") for reference in each["externalReferences"])
            for each in found["components"]
        )

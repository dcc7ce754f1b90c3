"""What every Renderer must do, run on each adapter."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from breachdesk.adapters.jinja_renderer import JinjaRenderer
from breachdesk.kernel.errors import Unusable
from breachdesk.notices.ports import Renderer

Open = Callable[[Path], Renderer]


@dataclass(frozen=True, slots=True)
class Guest:
    """A frozen term, as templates see them."""

    name: str


@pytest.fixture(params=[JinjaRenderer], ids=lambda each: each.__name__)
def opened(request: pytest.FixtureRequest) -> Open:
    adapter: Open = request.param
    return adapter


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, "utf-8")


class TestRenderer:
    def test_fills_in_values(self, opened: Open, tmp_path: Path) -> None:
        write(tmp_path, "notices/x.txt", "Hello {{ guest.name }} & all")

        text = opened(tmp_path).render("notices/x.txt", {"guest": Guest("Zoé <3")})

        assert text == "Hello Zoé <3 & all"

    def test_escapes_html(self, opened: Open, tmp_path: Path) -> None:
        write(tmp_path, "x.html", "<p>{{ guest.name }}</p>")

        html = opened(tmp_path).render("x.html", {"guest": Guest("<b>&\"'")})

        assert html == "<p>&lt;b&gt;&amp;&#34;&#39;</p>"

    def test_never_runs_a_value(self, opened: Open, tmp_path: Path) -> None:
        write(tmp_path, "x.txt", "{{ guest.name }}")

        assert opened(tmp_path).render("x.txt", {"guest": Guest("{{ 7*7 }}")}) == "{{ 7*7 }}"

    @pytest.mark.parametrize("hole", ["guest.age", "nobody", "guest.name.first.last"])
    def test_refuses_a_value_that_is_not_there(
        self, hole: str, opened: Open, tmp_path: Path
    ) -> None:
        write(tmp_path, "x.txt", f"one\ntwo\n{{{{ {hole} }}}}\n")

        with pytest.raises(Unusable) as refused:
            opened(tmp_path).render("x.txt", {"guest": Guest("Zoé")})

        [problem] = refused.value.problems
        assert problem.file == str(tmp_path / "x.txt")
        assert problem.line == 3

    def test_names_the_line_that_cannot_be_read(self, opened: Open, tmp_path: Path) -> None:
        write(tmp_path, "x.txt", "one\n{% if %}\n")

        with pytest.raises(Unusable) as refused:
            opened(tmp_path).render("x.txt", {})

        [problem] = refused.value.problems
        assert (problem.file, problem.line) == (str(tmp_path / "x.txt"), 2)

    @pytest.mark.parametrize(
        "attack",
        [
            "{{ guest.__class__.__mro__ }}",
            "{{ ''.__class__ }}",
            "{{ '%s'.format.__globals__ }}",
            "{{ rows.append(1) }}",
            "{{ range(999999999) }}",
            "{% include '../secret.txt' %}",
            "{{ 1 / 0 }}",
        ],
    )
    def test_keeps_a_template_in_its_sandbox(
        self, attack: str, opened: Open, tmp_path: Path
    ) -> None:
        write(tmp_path, "secret.txt", "secret")
        write(tmp_path, "inside/x.txt", attack)

        with pytest.raises(Unusable):
            opened(tmp_path / "inside").render("x.txt", {"guest": Guest("Zoé"), "rows": []})

    @pytest.mark.parametrize("name", ["nothing.txt", "../secret.txt", "/etc/hostname"])
    def test_reads_its_own_folder_alone(self, name: str, opened: Open, tmp_path: Path) -> None:
        write(tmp_path, "secret.txt", "secret")
        (tmp_path / "inside").mkdir()

        with pytest.raises(Unusable, match="no such template"):
            opened(tmp_path / "inside").render(name, {})

    def test_refuses_what_is_not_utf_8(self, opened: Open, tmp_path: Path) -> None:
        (tmp_path / "x.txt").write_bytes(b"caf\xe9")

        with pytest.raises(Unusable, match="not UTF-8 at byte 3"):
            opened(tmp_path).render("x.txt", {})

    def test_sees_an_edit_at_once(self, opened: Open, tmp_path: Path) -> None:
        renderer = opened(tmp_path)
        write(tmp_path, "x.txt", "before")
        assert renderer.render("x.txt", {}) == "before"

        write(tmp_path, "x.txt", "afterwards")

        assert renderer.render("x.txt", {}) == "afterwards"

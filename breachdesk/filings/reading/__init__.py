"""From the templates folder to forms, with the labels that an administrator corrected."""

from pathlib import Path

from breachdesk.filings.reading.corrections import corrected
from breachdesk.filings.reading.forms import FILE, read_form
from breachdesk.filings.terms import Form
from breachdesk.kernel.errors import Unknown

__all__ = ["corrected", "form", "form_folder", "layout", "read_form", "read_forms"]


def read_forms(templates: Path, home: Path | None = None) -> dict[str, Form]:
    """Read every form under `filings/` of the templates folder, by its id.

    Labels are those of `templates/filings/<id>.toml` in the home, where it corrects them.
    """
    found = [read_form(path.parent) for path in sorted((templates / "filings").rglob(FILE))]
    return {form.id: corrected(form, home) for form in found}


def form_folder(templates: Path, form: Form) -> Path:
    """Return the folder a form was read from, to find its layout beside it."""
    found = _found(templates, form.id)
    if found is None:
        raise Unknown(f"there is no form {form.id!r} among the templates")
    return found[0]


def layout(templates: Path, form: Form, suffix: str) -> str:
    """Return the path of a form's layout below `templates`: its own, else the shared one."""
    name = f"filing.{suffix}"
    own = form_folder(templates, form).relative_to(templates) / name
    shared = Path("filings") / name
    return (own if (templates / own).is_file() else shared).as_posix()


def form(templates: Path, form_id: str, home: Path | None = None) -> Form:
    """Return the form of that id, as `read_forms` does. Raises Unknown naming others."""
    found = _found(templates, form_id)
    if found is None:
        there = ", ".join(sorted(read_forms(templates))) or "none"
        raise Unknown(f"there is no form {form_id!r}; the forms available are: {there}")
    return corrected(found[1], home)


def _found(templates: Path, form_id: str) -> tuple[Path, Form] | None:
    """Return the form of that id and its folder, reading no file that does not name it."""
    for path in sorted((templates / "filings").rglob(FILE)):
        if f'"{form_id}"'.encode() in path.read_bytes():
            found = read_form(path.parent)
            if found.id == form_id:
                return path.parent, found
    return None

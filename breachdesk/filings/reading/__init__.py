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
    for path in sorted((templates / "filings").rglob(FILE)):
        if read_form(path.parent).id == form.id:
            return path.parent
    raise Unknown(f"there is no form {form.id!r} among the templates")


def layout(templates: Path, form: Form, suffix: str) -> str:
    """Return the path of a form's layout below `templates`: its own, else the shared one."""
    name = f"filing.{suffix}"
    own = form_folder(templates, form).relative_to(templates) / name
    shared = Path("filings") / name
    return (own if (templates / own).is_file() else shared).as_posix()


def form(templates: Path, form_id: str, home: Path | None = None) -> Form:
    """Return the form of that id, as `read_forms` does. Raises Unknown naming others."""
    forms = read_forms(templates, home)
    if form_id not in forms:
        there = ", ".join(sorted(forms)) or "none"
        raise Unknown(f"there is no form {form_id!r}; the forms available are: {there}")
    return forms[form_id]

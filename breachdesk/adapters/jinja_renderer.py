"""Renders the template folder with Jinja2: sandboxed, strict, HTML escaped."""

from collections.abc import Mapping
from pathlib import Path

from jinja2 import (
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from breachdesk.kernel.errors import Problem, Unusable


class JinjaRenderer:
    """A Renderer on a folder of files. What people type is a value here, never a template."""

    def __init__(self, templates: Path) -> None:
        """Read templates below `templates` and nowhere else."""
        self._folder = templates
        self._environment = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(templates, encoding="utf-8"),
            undefined=StrictUndefined,
            autoescape=lambda name: name is None or name.endswith(".html"),
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=True,
        )

    def render(self, template: str, values: Mapping[str, object]) -> str:
        """Return the text of `template`. Raises Unusable naming the file, and the line."""
        try:
            return self._environment.get_template(template).render(values)
        except TemplateSyntaxError as error:
            file = str(self._folder / (error.name or template))
            problem = Problem(error.message or "cannot be parsed", file, error.lineno)
        except TemplateNotFound as error:
            problem = Problem("there is no such template", str(self._folder / str(error)))
        except UnicodeDecodeError as error:
            problem = Problem(f"is not UTF-8 at byte {error.start}", self._file(template))
        except (TemplateError, ArithmeticError, TypeError, ValueError) as error:
            line = self._line(error, template)
            problem = Problem(str(error) or type(error).__name__, self._file(template), line)
        raise Unusable(problem)

    def _file(self, template: str) -> str:
        return str(self._folder / template)

    def _line(self, error: Exception, template: str) -> int | None:
        """Return the line of the template at which rendering stopped."""
        line, traceback, file = None, error.__traceback__, self._file(template)
        while traceback is not None:
            if traceback.tb_frame.f_code.co_filename == file:
                line = traceback.tb_lineno
            traceback = traceback.tb_next
        return line

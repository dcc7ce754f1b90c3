"""The role played for us: a template and values in, a text out."""

from collections.abc import Mapping
from typing import Protocol


class Renderer(Protocol):
    """Renders files of the template folder, strictly: a missing value is never a blank."""

    def render(self, template: str, values: Mapping[str, object]) -> str:
        """Return the text of `template`, a path such as notices/gdpr.34.people/fr/body.txt.

        What ends in .html is escaped. Raises Unusable naming file and line.
        """

"""What stands on a document, read back as a program reads it."""

import re
from html import unescape
from pathlib import Path
from typing import Any

from docx import Document
from pypdf import PdfReader


def squeezed(text: str) -> str:
    """Return a text without what a page adds: spaces, line ends, places to break a word."""
    return re.sub(r"[\s\u200b]+", "", text)


def read_paper(file: Path) -> str:
    if file.suffix == ".pdf":
        return squeezed("".join(page.extract_text() for page in PdfReader(file).pages))
    if file.suffix == ".html":
        return squeezed(unescape(file.read_text("utf-8")))
    document = Document(str(file))
    foot = document.sections[0].footer.paragraphs[0].text
    return squeezed("".join(e.text or "" for e in document.element.iter() if is_text(e)) + foot)


def is_text(element: Any) -> bool:
    return str(element.tag).endswith("}t")

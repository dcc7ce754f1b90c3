"""From a draft to a file that a person or a program opens."""

import json

from breachdesk.filings import reading, rules
from breachdesk.filings.ports import Press
from breachdesk.filings.terms import Draft, Form


def laid_out(press: Press, form: Form, drafted: Draft, layout: str, zone: str) -> bytes:
    """Return the draft as `json`, `html`, `docx` or `pdf`; times are those of `zone`."""
    if layout == "json":
        document = rules.document(form, drafted)
        return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()
    template = reading.layout(press.templates, form, "typ" if layout == "pdf" else layout)
    if layout == "html":
        return press.renderer.render(template, rules.page(form, drafted, zone)).encode()
    writer = press.writers.pdf if layout == "pdf" else press.writers.docx
    return writer.write(template, rules.paper(form, drafted, zone))

"""Where every page of the desk is: one line for each address that takes a GET.

A test fails for an address without a line, so that no page is left out of the checks.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask

NO_PAGE = frozenset(
    {
        "access.come_back",
        "asset",
        "healthz",
        "clocks.calendar",
        "filings.download",
        "filings.paper",
        "board.view",
        "notices.preview",
        "register.export",
        "writing.alive",
        "writing.kept",
    }
)
"""What is read by a program, framed in a page, or handed out as a file."""


@dataclass(frozen=True)
class Sample:
    """What the addresses of a breach are made of."""

    reference: str
    notice: str


def pages(sample: Sample) -> Mapping[str, str]:
    """Return the address of every page by its endpoint; parts of a page stand among them."""
    incident = f"/incidents/{sample.reference}"
    return {
        "access.sign_in": "/sign-in",
        "access.ask_factor": "/sign-in/second",
        "access.preferences": "/preferences",
        "account.show": "/account/",
        "account.ask_proof": "/account/prove",
        "genuine.ask": "/genuine/",
        "lists.ask": "/lists/",
        "incidents.board": "/",
        "incidents.ask": "/log",
        "incidents.show": incident,
        "incidents.next_deadline": f"{incident}/next",
        "incidents.part": f"{incident}/part/timeline",
        "incidents.sheet": f"{incident}/sheet",
        "facts.ask_correction": f"{incident}/correct",
        "facts.ask_measure": f"{incident}/measure",
        "facts.ask_to_close": f"{incident}/close",
        "datamap.show": "/datamap/",
        "datamap.edit": "/datamap/edit",
        "library.show": "/library/",
        "library.runbook": "/library/runbooks/stolen-api-token",
        "library.notice": "/library/notices/gdpr.34.people/fr",
        "library.form": "/library/forms/cnil-2023",
        "library.words": "/library/words",
        "trail.show": "/trail/",
        "trail.of": f"/trail/{sample.notice}",
        "risk.interview": f"{incident}/risk/",
        "readers.show": f"{incident}/readers/",
        "scope.show": f"{incident}/scope/",
        "scope.progress": f"{incident}/scope/progress",
        "scope.ask": f"{incident}/scope/ask",
        "people.ask": f"{incident}/people/",
        "drafting.ask": f"{incident}/notices/draft",
        "keeping.show": "/kept/",
        "obligations.show": f"{incident}/obligations/gdpr.33.authority",
        "notices.show": f"{incident}/notices/{sample.notice}",
        "delivery.show": f"{incident}/delivery/",
        "delivery.progress": f"{incident}/delivery/progress",
        "filings.show": f"{incident}/filings/cnil-2023",
        "clocks.wall": "/clocks/",
        "register.show": "/register/",
        "register.years": "/register/years",
        "register.line": f"/register/{sample.reference}",
    }


def looked_at(app: Flask) -> set[str]:
    """Return every endpoint that takes a GET and shows a page or a part of one."""
    return {
        rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())
    } - NO_PAGE

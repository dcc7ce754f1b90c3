"""Every blueprint of the web face."""

from breachdesk.faces.web import (
    access,
    clocks,
    filings,
    incidents,
    notices,
    obligations,
    register,
    risk,
    runbooks,
    writing,
)

BLUEPRINTS = (
    access.pages,
    incidents.pages,
    clocks.pages,
    obligations.pages,
    risk.pages,
    notices.pages,
    filings.pages,
    runbooks.pages,
    register.pages,
    writing.pages,
)

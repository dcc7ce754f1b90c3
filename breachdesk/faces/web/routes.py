"""Every blueprint of the web face."""

from breachdesk.faces.web import (
    access,
    board,
    account,
    clocks,
    facts,
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
    account.pages,
    board.pages,
    incidents.pages,
    facts.pages,
    clocks.pages,
    obligations.pages,
    risk.pages,
    notices.pages,
    filings.pages,
    runbooks.pages,
    register.pages,
    writing.pages,
)

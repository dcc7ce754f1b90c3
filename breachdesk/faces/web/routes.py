"""Every blueprint of the web face."""

from breachdesk.faces.web import access, filings, incidents, notices, register, runbooks

BLUEPRINTS = (
    access.pages,
    incidents.pages,
    notices.pages,
    filings.pages,
    runbooks.pages,
    register.pages,
)

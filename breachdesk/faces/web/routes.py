"""Every blueprint of the web face."""

from breachdesk.faces.web import access, incidents

BLUEPRINTS = (access.pages, incidents.pages)

"""What the browser tests know of the desk they look at."""

from collections.abc import Mapping
from dataclasses import dataclass

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
)


@dataclass(frozen=True)
class Served:
    """Where it is served, the breach in it, and the passwords of its members."""

    address: str
    reference: str
    passwords: Mapping[str, str]


def sign_in(page: Page, served: Served, email: str) -> None:
    """Sign a member in at the door of the desk."""
    page.goto("/sign-in")
    page.fill("#email", email)
    page.fill("#password", served.passwords[email])
    page.click("main button")
    expect(page.locator(".top")).to_be_visible()


def violations(page: Page) -> list[tuple[str, str]]:
    """Return what an accessibility checker finds, with the first place of each.

    It would talk to the previews' frames, which are closed to everyone; they are left out.
    """
    options = {
        "resultTypes": ["violations"],
        "iframes": False,
        "rules": {"target-size": {"enabled": True}},
    }
    found = Axe().run(page, options=options).response["violations"]
    return [(each["id"], each["nodes"][0]["html"]) for each in found]

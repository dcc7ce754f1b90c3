"""Takes a picture of every page: light and dark, wide and narrow, in both languages.

Run by `make screenshots`. The pictures lie in `var/screenshots/`, which is not committed; whoever
changes a page looks at them. A word after the command takes the pages with it in their name alone.
"""

import sys
import tempfile
import threading
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from waitress import create_server

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

from addresses import Sample, pages
from conftest import NOW, FixedClock, someone
from served import FLAGS
from shutil import which
from web_face import ENGLISH, FRENCH, desk_of, first_notice, invite, whole_breach

from breachdesk.access import commands as access
from breachdesk.audit.transaction import Transactions
from breachdesk.faces.web.context import create_app
from breachdesk.kernel.database import migrate, open_engine
from breachdesk.kernel.vault import Vault
from breachdesk.settings import shipped
from datetime import timedelta

WAYS = (
    (FRENCH.email, "light", 1280),
    (FRENCH.email, "dark", 375),
    (ENGLISH.email, "dark", 1280),
    (ENGLISH.email, "light", 375),
)


def main(folder: Path, wanted: str) -> None:
    """Serve a desk with a whole breach in it and look at every page."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        home = Path(home)
        engine = open_engine(f"sqlite:///{home / 'breachdesk.sqlite'}")
        migrate(engine, shipped("migrations"))
        actor = someone("Awa Responder")
        transactions = Transactions(
            engine, FixedClock(NOW + timedelta(hours=3)), Vault(home / "vault", bytes(32))
        )
        with transactions.open(actor) as tx:
            access.found(tx, "Leadjet")
        desk = desk_of(transactions, home)
        passwords = {
            each.email: invite(transactions, actor, each) for each in (FRENCH, ENGLISH)
        }
        reference = whole_breach(desk, actor)
        sample = Sample(reference, first_notice(desk, actor, reference))
        server = create_server(create_app(desk, bytes(32)), listen="127.0.0.1:0", threads=4)
        threading.Thread(target=server.run, daemon=True).start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=which("chromium"), args=list(FLAGS)
            )
            for email, scheme, width in WAYS:
                look(browser, server.effective_port, (email, passwords[email]), scheme, width, {k: v for k, v in pages(sample).items() if wanted in k}, folder)
            browser.close()
        server.close()


def look(browser: Browser, port: int, who: tuple[str, str], scheme: str, width: int, found, folder: Path) -> None:
    context = browser.new_context(
        base_url=f"http://127.0.0.1:{port}",
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        locale="fr-FR" if "awa" in who[0] else "en-GB",
    )
    page = context.new_page()
    page.on("console", lambda said: print("console:", said.text))
    page.on("pageerror", lambda error: print("error:", error))
    page.goto("/sign-in")
    page.fill("#email", who[0])
    page.fill("#password", who[1])
    page.click("main button")
    for name, path in found.items():
        page.goto(path)
        page.screenshot(path=folder / f"{name}-{scheme}-{width}.png", full_page=True)
    context.close()


if __name__ == "__main__":
    main(Path("var/screenshots"), sys.argv[1] if len(sys.argv) > 1 else "")

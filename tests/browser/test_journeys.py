"""Whole journeys at the desk, through its pages alone: by mouse, by keyboard, by finger."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from breachdesk.audit.terms import Actor
from breachdesk.desk import Desk
from breachdesk.faces.jobs import timetable
from hands import Finger, Hands, Keyboard, Mouse
from served import Served, sign_in
from web_face import ENGLISH, FRENCH

SAMPLE = Path(__file__).parents[2] / "samples" / "leadjet"
TITLE = "Jeton volé : accès à l’API"
NEXT = ".next-step a"
A_MINUTE = 150
"""So many keys a slow typist presses in a minute."""
WORDS = {
    "en": {
        "scope": "Measure who is affected",
        "risk": "Assess and sign the risk",
        "filings": "Notify the authority",
        "delivery": "Send the notices, and follow them",
        "told": "Write down that they were told",
        "close": "Close the incident",
        "left": "left",
        "measured": "measured",
        "finished": "finished",
    },
    "fr": {
        "scope": "Mesurer qui est touché",
        "risk": "Apprécier et signer le risque",
        "filings": "Notifier l’autorité",
        "delivery": "Envoyer les messages, et les suivre",
        "told": "Noter qu’ils ont été prévenus",
        "close": "Clore l’incident",
        "left": "reste",
        "measured": "mesurée",
        "finished": "terminé",
    },
}
WAYS = (
    pytest.param(Mouse, ENGLISH.email, FRENCH.email, {}, id="by mouse, in English"),
    pytest.param(Keyboard, ENGLISH.email, FRENCH.email, {}, id="by keyboard alone"),
    pytest.param(
        Finger,
        FRENCH.email,
        ENGLISH.email,
        {"viewport": {"width": 375, "height": 700}, "has_touch": True},
        id="by finger at 375 pixels, in French",
    ),
)


def arrive(
    chromium: Browser, bare: Served, way: Callable[[Page], Hands], email: str, **more: object
) -> Hands:
    """Return the hands of a member who signed in at a browser of their own."""
    context = chromium.new_context(base_url=bare.address, **more)  # type: ignore[arg-type]  # Playwright's own words
    hands = way(context.new_page())
    hands.page.goto("/sign-in")
    hands.write("#email", email)
    hands.write("#password", bare.passwords[email])
    hands.press("main form:not(.passkey) button")
    expect(hands.page.locator(".top")).to_be_visible()
    return hands


def step(hands: Hands, name: str) -> None:
    """Take the next step, which must be the one of that name."""
    expect(hands.page.locator(NEXT)).to_have_text(name)
    hands.press(NEXT)


def back(hands: Hands, title: str = TITLE) -> None:
    """Go to the page of the incident, from one of its stations."""
    hands.press(".deadline-bar a.back")
    expect(hands.page.locator("h1")).to_have_text(title)


class TestJourney:
    @pytest.mark.parametrize(("way", "first", "second", "browser"), WAYS)
    def test_leads_from_the_log_to_the_closing(
        self,
        chromium: Browser,
        bare: Served,
        desk: Desk,
        actor: Actor,
        way: Callable[[Page], Hands],
        first: str,
        second: str,
        browser: dict[str, object],
    ) -> None:
        hands = arrive(chromium, bare, way, first, **browser)
        page = hands.page
        words = WORDS["fr" if first == FRENCH.email else "en"]
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))

        before = getattr(hands, "keys", 0)
        log(hands)
        assert getattr(hands, "keys", 0) - before <= A_MINUTE
        expect(page.locator(".deadline-bar .span")).to_be_in_viewport()  # first thing seen
        expect(page.locator(".deadline-bar .span")).to_contain_text(words["left"])
        step(hands, words["scope"])
        measure(hands, desk, actor, words["measured"])
        step(hands, words["risk"])
        hands.press("form[action$='/risk/sign'] button")
        expect(page.locator(NEXT)).to_have_text(words["filings"])
        write_down_a_measure(hands)
        notice = draft(hands)
        approve(hands, notice)
        other = arrive(chromium, bare, way, second, **browser)
        approve(other, notice)
        other.page.context.close()
        send(hands, desk, actor, words["finished"])
        step(hands, words["filings"])
        hands.write("#number", "VIOL-2026-1234")
        hands.press("form[action*='/receipt'] button")
        expect(page.locator("main")).to_contain_text("VIOL-2026-1234")
        back(hands)
        step(hands, words["told"])
        hands.write("#fulfil-text", "Rapport de remise, sans rebond.")
        hands.press("form[action$='/fulfil'] button")
        step(hands, words["close"])
        hands.write("#lessons", "Les jetons expirent désormais en une heure.")
        hands.write("#left_open", "Les clients sont prévenus par leur contact.")
        hands.press("main button.btn-primary")

        expect(page.locator("main")).to_contain_text("Les jetons expirent désormais")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide == page.evaluate("document.documentElement.clientWidth")
        assert complaints == []
        page.context.close()


def log(hands: Hands) -> None:
    """Log a breach in the form of six fields."""
    hands.press("main a[href='/log']")
    hands.write("#title", TITLE)
    hands.tick("input[name=touched][value=accounts]")
    hands.write("#summary", "Un jeton d’API traînait dans un dépôt.")
    hands.press("main button.btn-primary")
    expect(hands.page.locator("h1")).to_have_text(TITLE)


def measure(hands: Hands, desk: Desk, actor: Actor, measured: str) -> None:
    """Bring the sample's files, ask, and see the desk's worker measure."""
    page = hands.page
    files = [*sorted((SAMPLE / "logs").iterdir()), SAMPLE / "accounts.csv"]
    hands.bring("#upload", files)
    hands.press("form[action$='/scope/files'] button")
    expect(page.locator("#files li")).to_have_count(len(files))
    hands.write("#from", "2026-11-18T22:00:00+01:00")
    hands.write("#until", "2026-11-20T06:30:00+01:00")
    hands.write("#token", "tok_5f2c9a71")
    hands.press("form[data-keep-form=scope-question] button.btn-primary")
    expect(page.locator("#measures")).to_be_visible()
    assert timetable.measure(desk, actor, lambda: False) == 1
    expect(page.locator("#measures")).to_contain_text(measured)
    back(hands)


def write_down_a_measure(hands: Hands) -> None:
    """Record what was done, to be quoted in the notice."""
    hands.press("#measures a[href$='/measure']")
    hands.write("#text_fr", "Le jeton a été révoqué.")
    hands.write("#text_en", "The token was revoked.")
    hands.press("main button.btn-primary")
    expect(hands.page.locator("#measures li")).to_have_count(1)


def draft(hands: Hands) -> str:
    """Draft the notice to people; return its path."""
    hands.press("#notices a[href$='/notices/draft']")
    hands.write("#what_happened-fr", "Un jeton d’accès volé a permis de lire votre compte.")
    hands.press("details:has(#what_happened-en) > summary")
    hands.write("#what_happened-en", "Someone read your account with a stolen access token.")
    hands.press("form[data-keep-form^=notice] button.btn-primary")
    expect(hands.page.locator("iframe.message").first).to_be_visible()
    return hands.page.url


def approve(hands: Hands, notice: str) -> None:
    """Read the message and approve it."""
    if hands.page.url != notice:
        hands.page.goto(notice)
    message = hands.page.frame_locator("iframe.message").first
    expect(message.locator("h1")).to_be_attached()
    hands.press("form[action$='/approve'] button")
    expect(hands.page.locator("form[action$='/approve']")).to_have_count(0)


def send(hands: Hands, desk: Desk, actor: Actor, finished: str) -> None:
    """Fix the list, start it, and see the desk's sender empty it."""
    back(hands)
    expect(hands.page.locator("#delivery:not([hx-get])")).to_be_visible()  # it comes later
    hands.press("#delivery a")
    hands.press("form[action*='/hand-over/'] button")
    hands.press("form[action$='/start'] button")
    expect(hands.page.locator("form[action$='/pause']")).to_be_visible()
    while timetable.send(desk, actor, lambda: False):
        pass
    expect(hands.page.locator("#progress")).to_contain_text(finished)
    back(hands)


class TestWithoutScript:
    def test_everything_can_be_read_and_filed(self, chromium: Browser, served: Served) -> None:
        page = arrive(chromium, served, Mouse, ENGLISH.email, java_script_enabled=False).page
        page.goto("/?q=jeton")
        expect(page.locator("ul.board li")).to_have_count(1)
        page.click("ul.board a")
        expect(page.locator("#risk")).to_contain_text("High risk")
        page.click("#delivery a")
        expect(page.locator("main")).to_contain_text("Nothing has been handed to delivery.")
        page.goto(f"/incidents/{served.reference}/sheet")
        expect(page.locator("#trail")).to_contain_text("incidents.log")
        page.goto("/datamap/edit")
        page.click("button[formaction$='/datamap/check']")
        expect(page.locator("#checked")).to_contain_text("Nothing would change.")
        page.context.close()


class TestNetwork:
    def test_that_is_cut_while_one_types_loses_nothing(
        self, page: Page, served: Served
    ) -> None:
        sign_in(page, served, FRENCH.email)
        page.goto("/log")
        page.fill("#title", TITLE)
        page.context.set_offline(True)
        page.fill("#summary", "Il est trois heures du matin.")
        page.context.set_offline(False)
        page.reload()
        expect(page.locator("#title")).to_have_value(TITLE)
        page.click("main button.btn-primary")

        expect(page.locator("main")).to_contain_text("Il est trois heures du matin.")


class TestPage:
    def test_always_shows_where_the_focus_is_and_brings_its_parts(
        self, page: Page, served: Served
    ) -> None:
        sign_in(page, served, FRENCH.email)
        page.goto(f"/incidents/{served.reference}")
        for name in ("notices", "delivery", "filings", "timeline", "trail"):
            expect(page.locator(f"#{name}[hx-trigger=load]")).to_have_count(0)
            expect(page.locator(f"#{name} h2")).to_be_visible()
        for _ in range(30):
            page.keyboard.press("Tab")
            drawn = page.evaluate(
                "(() => { const s = getComputedStyle(document.activeElement);"
                " return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2; })()"
            )
            assert drawn, page.evaluate("document.activeElement.outerHTML")

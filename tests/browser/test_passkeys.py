"""Passkeys in a real browser, whose authenticator is made of software."""

from playwright.sync_api import Browser, Page, expect

from served import Served
from web_face import ENGLISH


def authenticator(page: Page, *, verifies: bool = True) -> None:
    """Give the browser a device that holds keys and unlocks them for its owner."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": verifies,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


class TestPasskey:
    def test_is_made_and_opens_the_door_alone_and_as_second_factor(
        self, chromium: Browser, served: Served
    ) -> None:
        here = served.address.replace("127.0.0.1", "localhost")
        context = chromium.new_context(base_url=here)
        page = context.new_page()
        authenticator(page)
        page.goto("/sign-in")
        page.fill("#email", ENGLISH.email)
        page.fill("#password", served.passwords[ENGLISH.email])
        page.click("main form:not(.passkey) button")
        expect(page.locator(".top")).to_be_visible()
        page.goto("/account/")
        page.fill("#passkey-name", "Desk laptop")
        page.get_by_role("button", name="Add a passkey").click()
        expect(page.locator(".codes li")).to_have_count(10)
        expect(page.locator("main")).to_contain_text("Desk laptop")

        context.clear_cookies()
        page.goto("/sign-in?after=/account/")
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.locator("h1")).to_have_text("Your account")
        expect(page.locator("main")).to_contain_text("last used")

        context.clear_cookies()
        page.goto("/sign-in?after=/account/")
        page.fill("#email", ENGLISH.email)
        page.fill("#password", served.passwords[ENGLISH.email])
        page.click("main form:not(.passkey) button")
        expect(page.locator("h1")).to_have_text("Second factor")
        page.get_by_role("button", name="Use a passkey").click()
        expect(page.locator("h1")).to_have_text("Your account")
        context.close()

    def test_of_nobody_opens_nothing(self, chromium: Browser, served: Served) -> None:
        context = chromium.new_context(
            base_url=served.address.replace("127.0.0.1", "localhost")
        )
        page = context.new_page()
        authenticator(page)
        page.goto("/sign-in")
        page.get_by_role("button", name="passkey").or_(
            page.get_by_role("button", name="clé d’accès")
        ).click()

        expect(page.locator("form.passkey [role=alert]")).not_to_be_empty()
        context.close()

"""Every page is fit for everybody: both languages, light and dark, wide and narrow.

The pages come from the map of addresses of the application: a new one cannot be left out.
"""

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from addresses import Sample, looked_at, pages
from served import Served, sign_in, violations
from web_face import ENGLISH, FRENCH

WAYS = (
    (FRENCH.email, "light", 1280),
    (FRENCH.email, "dark", 320),
    (ENGLISH.email, "dark", 1280),
    (ENGLISH.email, "light", 320),
)


def faults(page: Page, width: int, language: str) -> list[object]:
    """Return what is wrong with a page: accessibility, width, language, sizes of targets."""
    wide = page.evaluate("document.documentElement.scrollWidth")
    spoken = page.evaluate("document.documentElement.lang")
    found: list[object] = [*violations(page)]
    if wide > width:
        found.append(f"{wide} px wide on {width}")
    if spoken != language:
        found.append(f"speaks {spoken}")
    return found


class TestEveryPage:
    def test_has_a_line(self, app: Flask, sample: Sample) -> None:
        assert set(pages(sample)) == looked_at(app)

    @pytest.mark.parametrize(("email", "scheme", "width"), WAYS)
    def test_is_fit_for_everybody(
        self,
        chromium: Browser,
        served: Served,
        sample: Sample,
        email: str,
        scheme: str,
        width: int,
    ) -> None:
        context = chromium.new_context(
            base_url=served.address,
            viewport={"width": width, "height": 800},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
        )
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(f"{page.url}: {said.text}"))
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        sign_in(page, served, email)
        language = "fr" if email == FRENCH.email else "en"
        wrong = {}
        for endpoint, path in pages(sample).items():
            page.goto(path)
            page.wait_for_load_state("networkidle")
            found = faults(page, width, language)
            if found:
                wrong[endpoint] = found
        context.close()
        assert wrong == {}
        assert complaints == []

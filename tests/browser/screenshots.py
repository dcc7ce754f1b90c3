"""A picture of every page: light and dark, wide and narrow, in both languages.

Taken by `make screenshots`, never by the suite. The pictures lie in `var/screenshots/`, which
is not committed; whoever changes a page looks at them.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from addresses import Sample, pages
from served import Served, sign_in
from web_face import ENGLISH, FRENCH

FOLDER = Path("var/screenshots")


@pytest.mark.parametrize(
    ("email", "scheme", "width"),
    [
        (FRENCH.email, "light", 1280),
        (FRENCH.email, "dark", 375),
        (ENGLISH.email, "dark", 1280),
        (ENGLISH.email, "light", 375),
    ],
)
def test_take_a_picture_of_every_page(
    chromium: Browser, served: Served, sample: Sample, email: str, scheme: str, width: int
) -> None:
    context = chromium.new_context(
        base_url=served.address,
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
        locale="fr-FR" if email == FRENCH.email else "en-GB",
    )
    page = context.new_page()
    sign_in(page, served, email)
    taken = []
    for name, path in pages(sample).items():
        page.goto(path)
        page.wait_for_load_state("networkidle")
        taken.append(FOLDER / f"{name}-{scheme}-{width}.png")
        page.screenshot(path=taken[-1], full_page=True)
    context.close()
    assert all(each.stat().st_size > 0 for each in taken)

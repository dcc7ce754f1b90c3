"""How somebody works a page: with a mouse, with a finger, or by the keyboard alone."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from playwright.sync_api import FileChooser, Page, expect
from playwright.sync_api import TimeoutError as Late

SOON = 10_000
"""Milliseconds."""
FAR = 900
"""So many presses of Tab are no search any more."""


class Hands(Protocol):
    """What a person does to a page. Every place is a selector of one thing."""

    page: Page

    def press(self, place: str) -> None:
        """Follow a link, press a button, open a fold."""

    def write(self, place: str, text: str) -> None:
        """Write into a field, in place of what stands there."""

    def tick(self, place: str) -> None:
        """Tick a box."""

    def bring(self, place: str, files: Sequence[Path]) -> None:
        """Choose files."""


class Mouse:
    """Points and clicks, and types what is to be typed."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, place: str) -> None:
        self.page.locator(place).first.click()

    def write(self, place: str, text: str) -> None:
        self.page.locator(place).first.fill(text)

    def tick(self, place: str) -> None:
        self.page.locator(place).first.check()

    def bring(self, place: str, files: Sequence[Path]) -> None:
        self.page.set_input_files(place, list(files))


class Finger(Mouse):
    """Taps: what is too small, covered or out of the screen is not reached."""

    def press(self, place: str) -> None:
        self.page.locator(place).first.tap()

    def tick(self, place: str) -> None:
        self.page.locator(place).first.tap()
        expect(self.page.locator(place).first).to_be_checked()


class Keyboard:
    """Reaches everything by Tab, and nothing in any other way; counts its keys."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.keys = 0

    def press(self, place: str) -> None:
        self.reach(place)
        self.key("Enter")

    def key(self, name: str) -> None:
        """Press one key, or a chord."""
        self.keys += 1
        self.page.keyboard.press(name)

    def write(self, place: str, text: str) -> None:
        self.reach(place)
        self.key("Control+A")
        self.keys += len(text)
        self.page.keyboard.type(text)

    def tick(self, place: str) -> None:
        self.reach(place)
        self.key("Space")

    def bring(self, place: str, files: Sequence[Path]) -> None:
        self.reach(place)
        try:
            chooser = self._asked(SOON)
        except Late:  # a browser that is long busy takes the key for no act of somebody's
            chooser = self._asked(3 * SOON)
        chooser.set_files(list(files))

    def _asked(self, patience: float) -> FileChooser:
        with self.page.expect_file_chooser(timeout=patience) as asked:
            self.key("Enter")
        return asked.value

    def reach(self, place: str) -> None:
        """Go on by Tab until the focus is on the first of what is wanted."""
        expect(self.page.locator(place).first).to_be_attached()
        here = "place => document.activeElement === document.querySelector(place)"
        for _ in range(FAR):
            if self.page.evaluate(here, place):
                return
            self.key("Tab")
        raise AssertionError(f"{place} is not reached by keyboard")

"""What is wrong is one key from its field; a sheet on paper keeps every word of a task."""

from playwright.sync_api import Page, expect

from served import Served, sign_in
from web_face import FRENCH


def test_a_problem_takes_the_focus_and_leads_to_its_field(page: Page, served: Served) -> None:
    sign_in(page, served, FRENCH.email)
    page.goto("/log")
    page.fill("#title", "")
    page.click("main form .btn-primary")

    summary = page.locator(".problem-box[role=alert]")
    expect(summary).to_be_focused()
    page.keyboard.press("Tab")
    expect(summary.locator("a").first).to_be_focused()
    page.keyboard.press("Enter")
    field = page.locator("#title")
    expect(field).to_be_focused()
    expect(field).to_be_in_viewport()
    assert "title-problem" in (field.get_attribute("aria-describedby") or "").split()
    expect(page.locator("#title-problem")).to_be_visible()


def test_the_sheet_on_paper_tells_every_task_with_a_box_for_a_pen(
    page: Page, served: Served
) -> None:
    sign_in(page, served, FRENCH.email)
    page.goto(f"/incidents/{served.reference}/sheet")
    page.emulate_media(media="print", color_scheme="dark")

    tasks = page.locator("ol.tasks > li")
    assert tasks.count() > 0
    for task in tasks.all():
        expect(task.locator("summary")).to_be_visible()
        expect(task.locator("button").first).to_be_hidden()
    box = "getComputedStyle(document.querySelector('ol.tasks > li'), '::before').borderTopWidth"
    assert float(page.evaluate(box).removesuffix("px")) > 0

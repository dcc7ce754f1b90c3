"""A bar chart as SVG that is read aloud: a title, a description, and no colour of its own."""

from collections.abc import Sequence
from html import escape

from breachdesk.register.terms import Bar

ROW, TOP, NAMES, LENGTH, END = 26, 8, 330, 260, 70
"""In pixels of the drawing, which grows and shrinks as a whole."""
HALF = 0.5


def bars(name: str, title: str, description: str, shown: Sequence[Bar]) -> str:
    """Return horizontal bars with their names and numbers; `name` makes the ids unique.

    What the drawing says stands in a table beside it too: nobody must see it.
    """
    most = max((bar.count for bar in shown), default=0) or 1
    height, width = TOP * 2 + ROW * len(shown), NAMES + LENGTH + END
    drawn = "".join(
        _bar(bar, TOP + ROW * number, LENGTH * bar.count / most)
        for number, bar in enumerate(shown)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" '
        f'aria-labelledby="{name}-title {name}-desc" viewBox="0 0 {width} {height}" '
        f'font-size="14" fill="currentColor">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(description)}</desc>{drawn}</svg>'
    )


def _bar(bar: Bar, top: int, length: float) -> str:
    middle = top + ROW * HALF + 5
    return (
        f'<text x="{NAMES - 10}" y="{middle:g}" text-anchor="end">{escape(bar.name)}</text>'
        f'<rect x="{NAMES}" y="{top + 4}" width="{length:.1f}" height="{ROW - 8}" '
        f'opacity="0.75"/>'
        f'<text x="{NAMES + length + 8:.1f}" y="{middle:g}">{escape(bar.said)}</text>'
    )

"""A year in four charts, each with its title, its description and its numbers in words."""

from collections.abc import Mapping
from typing import Any

from breachdesk.register.rules.drawing import bars
from breachdesk.register.rules.wording import NBSP, number
from breachdesk.register.terms import Bar, Chart, Reader, Yearly

FRENCH: Mapping[str, str] = {
    "causes": "Causes des violations",
    "delays": "Délai de détection, du début de la violation au premier signe",
    "punctuality": "Notifications à l’autorité dans le délai",
    "people": "Personnes concernées et personnes informées",
    "bar": "Catégorie",
    "count": "Nombre",
    "unknown": "non connu",
    "hour": "1 heure au plus",
    "day": "24 heures au plus",
    "three_days": "72 heures au plus",
    "week": "7 jours au plus",
    "month": "30 jours au plus",
    "longer": "plus de 30 jours",
    "on_time": "dans le délai",
    "late": "hors délai",
    "waiting": "en attente",
    "not_owed": "sans échéance",
    "affected": "concernées",
    "told": "informées",
    "not_told": "non informées à ce jour",
    "median": "Délai médian, en heures",
    "share": "Part dans le délai, en %",
}
"""What the charts and their tables say in documents."""


def charts(
    figures: Yearly, words: Mapping[str, str], causes: Mapping[str, str]
) -> tuple[Chart, ...]:
    """Return the charts of a year; `causes` are the form's words for its codes."""
    people = {"affected": figures.affected, "told": figures.told, "not_told": figures.not_told}
    middle = figures.median_hours
    share = figures.on_time_share
    return (
        _chart("causes", figures, {**words, **causes}, figures.causes, words["causes"]),
        _chart(
            "delays",
            figures,
            words,
            figures.delays,
            words["delays"],
            "" if middle is None else f"{words['median']}{NBSP}: {_said(middle)}",
        ),
        _chart(
            "punctuality",
            figures,
            words,
            figures.punctuality,
            words["punctuality"],
            "" if share is None else f"{words['share']}{NBSP}: {_said(share * 100)}",
        ),
        _chart("people", figures, words, people, words["people"]),
    )


def drawn(chart: Chart) -> str:
    """Return a chart as SVG."""
    return bars(chart.name, chart.title, chart.description, chart.bars)


def year_on_paper(figures: Yearly, reader: Reader) -> dict[str, Any]:
    """Return what the year is set from on paper: each chart with its table."""
    return {
        "title": f"Année {figures.year}",
        "charts": [
            {
                "title": chart.title,
                "description": chart.description,
                "svg": drawn(chart),
                "columns": [FRENCH["bar"], FRENCH["count"]],
                "rows": [[bar.name, bar.said] for bar in chart.bars],
            }
            for chart in charts(figures, FRENCH, reader.labels.get("causes", {}))
        ],
    }


def _chart(
    name: str,
    figures: Yearly,
    words: Mapping[str, str],
    counts: Mapping[str, int],
    title: str,
    said: str = "",
) -> Chart:
    shown = tuple(
        Bar(words.get(code, code), count, number(count)) for code, count in counts.items()
    )
    told = "; ".join(f"{bar.name}{NBSP}: {bar.said}" for bar in shown)
    return Chart(
        name=f"{name}-{figures.year}",
        title=f"{title}, {figures.year}",
        description=". ".join(filter(None, (told, said))),
        bars=shown,
    )


def _said(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".").replace(".", ",")

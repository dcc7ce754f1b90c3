"""`breachdesk incident measure`: what was done against a breach, as it will be quoted."""

import re

import click

from breachdesk.faces.cli.terminal import Terminal, answer, json_option, pass_terminal
from breachdesk.incidents import commands, queries
from breachdesk.incidents.terms import MeasureDraft, Phase
from breachdesk.kernel.errors import Unusable
from breachdesk.kernel.times import instant


@click.command("measure")
@click.argument("reference")
@click.option("--phase", type=click.Choice([each.value for each in Phase]), required=True)
@click.option("--fr", "french", help="The measure in French, as it will be quoted.")
@click.option("--en", "english", help="The measure in English, as it will be quoted.")
@click.option(
    "--text",
    "others",
    multiple=True,
    metavar="LANGUAGE=TEXT",
    help="The measure in another language, such as de=...; may be given again.",
)
@click.option("--done", help="The instant it was done.")
@click.option("--planned", help="The instant it is planned for.")
@json_option
@pass_terminal
def measure(  # noqa: PLR0913  (one argument an option)
    terminal: Terminal,
    reference: str,
    *,
    phase: str,
    french: str | None,
    english: str | None,
    others: tuple[str, ...],
    done: str | None,
    planned: str | None,
    as_json: bool,
) -> None:
    """Record a measure of REFERENCE, to be quoted in notices and filings."""
    texts = {"fr": french, "en": english} | dict(map(_in_language, others))
    draft = MeasureDraft(
        phase=Phase(phase),
        text={language: text for language, text in texts.items() if text},
        done_at=instant(done) if done else None,
        planned_for=instant(planned) if planned else None,
    )
    with terminal.transaction() as tx:
        recorded = commands.add_measure(tx, queries.by_reference(tx.session, reference), draft)
    answer(
        {"reference": reference, "measure": str(recorded.id)},
        as_json=as_json,
        text=f"{reference}: the measure is recorded.",
    )


def _in_language(given: str) -> tuple[str, str]:
    """Return language and text. Raises Unusable for what names no language."""
    language, sign, text = given.partition("=")
    if not sign or not re.fullmatch(r"[a-z]{2}", language):
        raise Unusable(f"--text is {given!r}; write it like de=TEXT")
    return language, text

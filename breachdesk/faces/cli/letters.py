"""`breachdesk delivery letters`: the notice on paper, for whom no e-mail reached."""

import csv
import io
from pathlib import Path

import click

from breachdesk.delivery import commands, reading, rules
from breachdesk.delivery.terms import PaperLetter, Print
from breachdesk.faces.cli.files import write
from breachdesk.faces.cli.terminal import Terminal, answer, json_option, pass_terminal
from breachdesk.incidents import queries as incidents
from breachdesk.kernel.errors import Refused
from breachdesk.kernel.times import zone
from breachdesk.notices import queries as notices
from breachdesk.notices.terms import FIRST, KINDS, PEOPLE
from breachdesk.scoping import commands as scoping
from breachdesk.scoping import queries as scopes
from breachdesk.scoping.terms import Ring

LAYOUT = "notices/letter.typ"


@click.command("letters")
@click.argument("reference")
@click.argument("addresses", type=click.Path(path_type=Path))
@click.option("--obligation", default=PEOPLE, show_default=True, help="Which notice.")
@click.option("--kind", type=click.Choice(KINDS), default=FIRST, show_default=True)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="One PDF for the printer."
)
@click.option("--merge", type=click.Path(path_type=Path), help="A CSV for a mail merge.")
@json_option
@pass_terminal
def letters(  # noqa: PLR0913  (each is an option of the command)
    terminal: Terminal,
    reference: str,
    addresses: Path,
    *,
    obligation: str,
    kind: str,
    output: Path | None,
    merge: Path | None,
    as_json: bool,
) -> None:
    """Print the notice of REFERENCE for those whom no e-mail reached.

    ADDRESSES is a CSV of person, name, line1, postcode, city, and maybe line2, line3,
    country. Record the posting afterwards: breachdesk delivery told.
    """
    if output is None and merge is None:
        raise Refused("say where to: -o for the printer's PDF, --merge for a mail merge")
    postal = reading.read_postal(addresses)
    with terminal.transaction() as tx:
        incident = incidents.by_reference(tx.session, reference)
        notice = notices.latest(tx.session, incident.id, obligation, kind)
        if notice is None:
            raise Refused(f"no notice is drafted for {obligation}; draft one first")
        people = scoping.list_people(
            tx,
            incident,
            scopes.version(tx.session, incident.id, notice.scope_version),
            Ring(notice.ring),
            terminal.desk.population,
        )
        printed = commands.print_letters(tx, incident, notice, people, postal)
        day = tx.now.astimezone(zone(incident.zone)).date()
    if printed.letters and output is not None:
        paper = rules.letter_paper(printed.letters, printed.sender, reference, day)
        write(output, terminal.desk.writers.pdf.write(LAYOUT, paper))
    if printed.letters and merge is not None:
        write(merge, _merge(printed.letters))
    document = {
        "reference": reference,
        "letters": len(printed.letters),
        "without_address": printed.without_address,
        "output": str(output) if output else None,
        "merge": str(merge) if merge else None,
    }
    answer(document, as_json=as_json, text=lambda: _as_text(printed))


def _merge(letters: tuple[PaperLetter, ...]) -> bytes:
    file = io.StringIO()
    writer = csv.DictWriter(file, rules.MERGED)
    writer.writeheader()
    writer.writerows(rules.merged(each) for each in letters)
    return file.getvalue().encode("utf-8-sig")


def _as_text(printed: Print) -> str:
    left = printed.without_address
    rest = f" {left} people have no postal address in the file." if left else ""
    return f"{len(printed.letters)} letters.{rest}"

"""The command `breachdesk`: reads the settings, hands the terminal to the command line."""

import gc
import os
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import click

from breachdesk import settings
from breachdesk.faces.cli.commands import cli
from breachdesk.faces.cli.terminal import Terminal
from breachdesk.kernel.errors import BreachDeskError, Unusable
from breachdesk.law.reading import read_packs
from breachdesk.settings import Settings

UNUSABLE, REFUSED, INTERRUPTED = 2, 1, 130


def main() -> None:
    """Run one command and exit with its code; what is wrong is one line on standard error."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; return 0, 1 if it is refused, 2 if its input cannot be used."""
    try:
        obj = terminal(settings.read(os.environ))
        cli.main(arguments, prog_name="breachdesk", standalone_mode=False, obj=obj)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as error:
        return _say(error.format_message(), UNUSABLE)
    except BreachDeskError as error:
        return _say(str(error), UNUSABLE if isinstance(error, Unusable) else REFUSED)
    except OSError as error:
        place = error.filename or "the disk"
        return _say(f"{place} cannot be used: {error.strerror or error}", REFUSED)
    except (click.Abort, KeyboardInterrupt):
        return _say("stopped", INTERRUPTED)
    return 0


def terminal(chosen: Settings) -> Terminal:
    """Return the terminal of a home; nothing is loaded or opened before a command needs it."""
    return Terminal(
        home=chosen.home,
        read_law=lambda: read_packs(chosen.law),
        open_desk=lambda: _app().open_desk(chosen),
        find_actor=lambda desk: _app().find_actor(desk, chosen),
        serve=lambda desk, actor, *, jobs: _app().serve(desk, actor, chosen, jobs=jobs),
        work=lambda desk, actor: _app().work(desk, actor),
        found=lambda desk, name, owner: _app().found_organisation(
            desk.transactions, name, owner, desk.first_password
        ),
        elsewhere=lambda home: terminal(_at(chosen, home)),
        place=lambda: _app().place(chosen),
        backup_key=chosen.backup_key,
        patient=lambda: _app().patient(chosen),
        shown=lambda: settings.shown(chosen),
        zone_there=lambda: _app().zone_of(chosen) if settings.has_desk(chosen) else None,
    )


def _app() -> ModuleType:
    from breachdesk import app  # noqa: PLC0415  (a pure command loads no database)

    gc.freeze()  # what is loaded stays: to look through it again and again costs a fifth
    return app


def _at(chosen: Settings, home: Path) -> Settings:
    """Return the settings for an embedded desk at another home.

    Its people are made up, so nothing of it is handed to a carrier.
    """
    home = home.expanduser().absolute()
    database_url = f"sqlite:///{home / 'breachdesk.sqlite'}"
    return replace(chosen, home=home, database_url=database_url, mailer="file")


def _say(sentence: str, code: int) -> int:
    click.echo("breachdesk: " + " ".join(sentence.split()), err=True)
    return code


if __name__ == "__main__":
    main()

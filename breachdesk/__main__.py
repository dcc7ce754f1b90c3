"""The command `breachdesk`: reads the settings, hands the terminal to the command line."""

import os
import sys

import click

from breachdesk import settings
from breachdesk.faces.cli.commands import cli
from breachdesk.kernel.errors import BreachDeskError, Unusable

UNUSABLE, REFUSED, INTERRUPTED = 2, 1, 130


def main() -> None:
    """Run one command and exit with its code; what is wrong is one line on standard error."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; return 0, 1 if it is refused, 2 if its input cannot be used."""
    try:
        environment = settings.read(os.environ)
        from breachdesk import app  # noqa: PLC0415  (a wrong setting is told without delay)

        cli.main(
            arguments,
            prog_name="breachdesk",
            standalone_mode=False,
            obj=app.terminal(environment),
        )
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as error:
        return _say(error.format_message(), UNUSABLE)
    except Unusable as error:
        return _say(str(error), UNUSABLE)
    except BreachDeskError as error:
        return _say(str(error), REFUSED)
    except (click.Abort, KeyboardInterrupt):
        return _say("stopped", INTERRUPTED)
    return 0


def _say(sentence: str, code: int) -> int:
    click.echo("breachdesk: " + " ".join(sentence.split()), err=True)
    return code


if __name__ == "__main__":
    main()

"""The commands of the terminal by name; each module is loaded when its command is run."""

from importlib import import_module

import click

COMMANDS = {
    "backup": ("backup", "Write the whole desk to one sealed file."),
    "datamap": ("datamap", "Check and import the data map."),
    "delivery": ("delivery", "Freeze, send and account for a campaign."),
    "demo": ("demo", "Run the whole journey on the sample organisation."),
    "doctor": ("doctor", "Examine the installation; say what to do."),
    "filing": ("filing", "Draft what the authority is told."),
    "hold": ("keeping", "Keep an incident whatever its age, or lift that."),
    "incident": ("incident", "Log, correct and show incidents."),
    "kept": ("keeping", "List what is kept until when."),
    "law": ("law", "Check the law packs; compute deadlines."),
    "member": ("member", "Let people in, change their roles and passwords."),
    "notice": ("notice", "Draft, check, preview and approve notices."),
    "obligation": ("obligations", "List, meet and waive what the law asks."),
    "organisation": ("organisation", "Found and name organisations."),
    "purge": ("keeping", "Let go what is over its time."),
    "register": ("register", "Close incidents and export the register."),
    "restore": ("backup", "Put the desk back from such a file."),
    "reminder": ("reminders", "List and acknowledge reminders; feed a calendar."),
    "risk": ("risk", "Assess the risk for people and sign it off."),
    "run": ("serve", "Serve the desk, with its clock and senders."),
    "runbook": ("runbooks", "Turn a runbook into tasks."),
    "scope": ("scope", "Measure who is affected, list and compare."),
    "serve": ("serve", "Serve the desk."),
    "settings": ("doctor", "Show the settings in force, no secret among them."),
    "trail": ("trail", "Verify the trail."),
    "vault": ("vault", "Look at the master key, and change it."),
    "worker": ("worker", "List, admit and dismiss machines that send without a vault."),
    "work": ("serve", "Run the clock and the senders."),
}


class LazyGroup(click.Group):
    """A group that imports a command's module only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command called `cmd_name`, the attribute of that name in its module."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"breachdesk.faces.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without loading any of them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="breachdesk", prog_name="breachdesk")
def cli() -> None:
    """Handle a personal-data breach: who, what, by when, told and filed."""

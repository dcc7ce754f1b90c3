"""`breachdesk member`: who may sit at the desk."""

import click

from breachdesk.access import commands, queries
from breachdesk.access.terms import MemberDraft
from breachdesk.faces.cli.terminal import Terminal, answer, json_option, pass_terminal


@click.group("member")
def member() -> None:
    """Let people in, change their roles and passwords."""


@member.command("list")
@json_option
@pass_terminal
def list_(terminal: Terminal, *, as_json: bool) -> None:
    """List who may sit at the desk."""
    with terminal.reading() as session:
        found = [
            {"email": each.email, "name": each.name, "roles": each.roles}
            for each in queries.members(session)
        ]
    lines = [f"{each['email']}  {each['name']}  {', '.join(each['roles'])}" for each in found]
    answer(found, as_json=as_json, text="\n".join(lines))


@member.command("invite")
@click.argument("email")
@click.option("--name", required=True, help="How the member is called at the desk.")
@click.option("--role", "roles", multiple=True, required=True, help="May be given again.")
@click.option("--language", default="fr", show_default=True, help="fr or en.")
@json_option
@pass_terminal
def invite(
    terminal: Terminal,
    email: str,
    *,
    name: str,
    roles: tuple[str, ...],
    language: str,
    as_json: bool,
) -> None:
    """Let EMAIL in; the first password is printed once and kept nowhere."""
    draft = MemberDraft(email=email, name=name, roles=roles, language=language)
    with terminal.transaction() as tx:
        _, password = commands.invite(tx, draft)
    _show_password(email, password, as_json=as_json)


@member.command("reset-password")
@click.argument("email")
@json_option
@pass_terminal
def reset_password(terminal: Terminal, email: str, *, as_json: bool) -> None:
    """Give EMAIL a new random password, printed once, and end their sessions."""
    with terminal.transaction() as tx:
        password = commands.reset_password(tx, queries.member(tx.session, email))
    _show_password(email, password, as_json=as_json)


@member.command("assign")
@click.argument("email")
@click.option("--role", "roles", multiple=True, required=True, help="May be given again.")
@json_option
@pass_terminal
def assign(terminal: Terminal, email: str, *, roles: tuple[str, ...], as_json: bool) -> None:
    """Give EMAIL these roles and no others."""
    with terminal.transaction() as tx:
        commands.assign(tx, queries.member(tx.session, email), roles)
    answer(
        {"email": email, "roles": roles},
        as_json=as_json,
        text=f"{email}: {', '.join(roles)}",
    )


def _show_password(email: str, password: str, *, as_json: bool) -> None:
    answer(
        {"email": email, "password": password},
        as_json=as_json,
        text=f"{email} signs in with this password, shown once: {password}",
    )

"""`breachdesk member`: who may sit at the desk."""

from datetime import datetime

import click

from breachdesk.access import commands, queries
from breachdesk.access.queries import factors, sessions
from breachdesk.access.terms import MemberDraft
from breachdesk.faces.cli.terminal import Terminal, answer, json_option, pass_terminal
from breachdesk.kernel.errors import Unknown
from breachdesk.kernel.tables import EVERY_ORGANISATION


@click.group("member")
def member() -> None:
    """Let people in and go, change their roles and passwords."""


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
    """Let EMAIL in; the first password is printed once and kept nowhere.

    It holds for some days (BREACHDESK_FIRST_PASSWORD). Once they are over, whoever has not
    chosen one of their own is invited again in the same way.
    """
    draft = MemberDraft(email=email, name=name, roles=roles, language=language)
    with terminal.transaction() as tx:
        found, password = commands.invite(tx, draft, terminal.desk.first_password)
        until = found.first_password_until
    _show_password(email, password, until, as_json=as_json)


@member.command("reset-password")
@click.argument("email")
@json_option
@pass_terminal
def reset_password(terminal: Terminal, email: str, *, as_json: bool) -> None:
    """Give EMAIL a new random password, printed once, and end their sessions."""
    with terminal.transaction() as tx:
        found = queries.member(tx.session, email)
        password = commands.reset_password(tx, found, terminal.desk.first_password)
        until = found.first_password_until
    _show_password(email, password, until, as_json=as_json)


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


@member.command("reset-factors")
@click.argument("email")
@click.option("--reason", required=True, help="How it is known that it is they who ask.")
@json_option
@pass_terminal
def reset_factors(terminal: Terminal, email: str, *, reason: str, as_json: bool) -> None:
    """Forget every second factor of EMAIL, who lost them, and end their sessions."""
    with terminal.transaction() as tx:
        commands.reset_factors(tx, queries.member(tx.session, email), reason)
    answer({"email": email}, as_json=as_json, text=f"{email} signs in by password alone again")


@member.command("dismiss")
@click.argument("email")
@click.option("--reason", required=True, help="Why they go; it is noted on the trail.")
@json_option
@pass_terminal
def dismiss(terminal: Terminal, email: str, *, reason: str, as_json: bool) -> None:
    """Let EMAIL go: nothing of theirs opens anything any more.

    To come back they are invited again.
    """
    with terminal.transaction() as tx:
        commands.dismiss(tx, queries.member(tx.session, email), reason)
    answer({"email": email}, as_json=as_json, text=f"{email} is no member any more")


@member.command("seat")
@click.argument("email")
@click.option("--role", "roles", multiple=True, required=True, help="May be given again.")
@json_option
@pass_terminal
def seat(terminal: Terminal, email: str, *, roles: tuple[str, ...], as_json: bool) -> None:
    """Give EMAIL, a member of another organisation, a place in this one with these roles."""
    with terminal.desk.transactions.reading(EVERY_ORGANISATION) as everywhere:
        found = queries.member(everywhere, email)
    with terminal.transaction() as tx:
        commands.give_seat(tx, found, roles)
    answer(
        {"email": email, "roles": roles},
        as_json=as_json,
        text=f"{email} also works here: {', '.join(roles)}",
    )


@member.command("unseat")
@click.argument("email")
@json_option
@pass_terminal
def unseat(terminal: Terminal, email: str, *, as_json: bool) -> None:
    """Take the place of EMAIL, a member of another organisation, away again."""
    with terminal.desk.transactions.reading(EVERY_ORGANISATION) as everywhere:
        found = queries.member(everywhere, email)
    with terminal.transaction() as tx:
        held = sessions.seat_in(tx.session, found.id, tx.organisation_id)
        if held is None:
            raise Unknown(f"{email} has no place here")
        commands.take_seat(tx, held)
    answer({"email": email}, as_json=as_json, text=f"{email} works here no more")


@member.command("link")
@click.argument("email")
@click.argument("issuer")
@click.argument("subject")
@json_option
@pass_terminal
def link(terminal: Terminal, email: str, issuer: str, subject: str, *, as_json: bool) -> None:
    """Let EMAIL in by the word of the sign-in service ISSUER, which knows them as SUBJECT."""
    with terminal.transaction() as tx:
        commands.link(tx, queries.member(tx.session, email), issuer, subject)
    answer(
        {"email": email, "issuer": issuer, "subject": subject},
        as_json=as_json,
        text=f"{email} signs in by {issuer} as {subject}",
    )


@member.command("unlink")
@click.argument("email")
@json_option
@pass_terminal
def unlink(terminal: Terminal, email: str, *, as_json: bool) -> None:
    """Believe no sign-in service about EMAIL any more, and end their sessions."""
    with terminal.transaction() as tx:
        known = factors.identities(tx.session, queries.member(tx.session, email).id)
        for each in known:
            commands.unlink(tx, each)
    answer(
        {"email": email, "unlinked": len(known)},
        as_json=as_json,
        text=f"{email}: {len(known)} identities forgotten",
    )


def _show_password(email: str, password: str, until: datetime | None, *, as_json: bool) -> None:
    holds = f"{until:%Y-%m-%d %H:%M} UTC" if until else ""
    answer(
        {"email": email, "password": password, "until": until},
        as_json=as_json,
        text=f"{email} signs in with this password, shown once: {password}\n"
        f"It is good until {holds}; they choose their own before.",
    )

"""What can be done about organisations and their members."""

import secrets
from collections.abc import Iterable
from dataclasses import replace

from breachdesk.access import queries, rules
from breachdesk.access.commands import limits
from breachdesk.access.models import Identity, Member, Organisation, Seat
from breachdesk.access.ports import LeakedPasswords
from breachdesk.access.queries import factors, sessions
from breachdesk.access.reading import read_roles
from breachdesk.access.terms import FIRST_PASSWORD, Asserted, MemberDraft
from breachdesk.audit.transaction import Transaction, command
from breachdesk.kernel.errors import Refused, Unusable
from breachdesk.kernel.times import later, zone


class WrongPassword(Refused):
    """Someone who would change a password does not know it."""


@command("access.found")
def found(tx: Transaction, name: str) -> Organisation:
    """Found an organisation, the one this transaction speaks for."""
    if not name.strip():
        raise Unusable("the organisation has no name")
    organisation = Organisation(
        id=tx.organisation_id, name=name.strip(), founded_at=tx.now, asks_second_factor=False
    )
    tx.session.add(organisation)
    tx.session.flush()  # members and trail entries refer to it
    tx.record(organisation, name=organisation.name)
    return organisation


@command("access.rename")
def rename(tx: Transaction, organisation: Organisation, name: str) -> Organisation:
    """Call the organisation by another name."""
    was, organisation.name = organisation.name, name.strip()
    tx.record(organisation, was=was, name=organisation.name)
    return organisation


@command("access.invite")
def invite(
    tx: Transaction, draft: MemberDraft, holds: str = FIRST_PASSWORD
) -> tuple[Member, str]:
    """Let someone in; return the member and a first password, to be shown once.

    It `holds` for a period. Once that is over, whoever has not chosen a password of their own
    is invited anew in the same way, and so is who was dismissed; what is said now counts.
    Raises Unusable for an unknown role and for the address of any other member.
    """
    limits.spend(tx, "invite")
    rules.check_roles(draft.roles, read_roles())
    zone(draft.zone)
    known = queries.member_by_email(tx.session, draft.email) or queries.left(
        tx.session, draft.email
    )
    if known is not None:
        return known, _renew(tx, known, draft, holds)
    if queries.is_taken(tx.session, draft.email):
        raise Unusable(
            f"{draft.email} is a member of another organisation; give them a place here: seat"
        )
    password = secrets.token_urlsafe(15)
    member = Member(
        id=tx.new_id(),
        organisation_id=tx.organisation_id,
        email=draft.email.strip(),
        account=rules.account_name(draft.email),
        name=draft.name.strip(),
        language=draft.language,
        zone=draft.zone,
        roles=list(draft.roles),
        password_hash=queries.hash_password(password),
        first_password_until=later(tx.now, holds),
        invited_at=tx.now,
    )
    tx.session.add(member)
    tx.record(member, roles=draft.roles)
    return member, password


@command("access.set_password")
def set_password(tx: Transaction, member: Member, password: str) -> Member:
    """Give a member a new password and end every session of theirs."""
    _check(tx, member, password)
    _keep_own(member, password)
    _end_sessions(tx, member)
    tx.record(member)
    return member


@command("access.reset_password")
def reset_password(tx: Transaction, member: Member, holds: str = FIRST_PASSWORD) -> str:
    """Give a member a fresh random password, to be shown once, and end their sessions.

    It `holds` for a period, as a first one does.
    """
    limits.spend(tx, "invite")
    password = _give_first(tx, member, holds)
    tx.record(member)
    return password


@command("access.assign")
def assign(tx: Transaction, member: Member, roles: Iterable[str]) -> Member:
    """Give a member these roles and no others, and end every session of theirs."""
    rules.check_roles(roles := tuple(roles), read_roles())
    was, member.roles = member.roles, list(roles)
    _end_sessions(tx, member)
    tx.record(member, was=tuple(was), roles=roles)
    return member


@command("access.set_preferences")
def set_preferences(
    tx: Transaction, member: Member, *, language: str, zone_name: str
) -> Member:
    """Choose the language and time zone in which the desk speaks to a member."""
    MemberDraft(email=member.email, name=member.name, roles=(), language=language)
    try:
        zone(zone_name)
    except Unusable as error:
        raise Unusable([replace(each, field="zone") for each in error.problems]) from None
    member.language, member.zone = language, zone_name
    tx.record(member, language=language, zone=zone_name)
    return member


@command("access.change_password")
def change_password(
    tx: Transaction,
    member: Member,
    password: str,
    *,
    right_password: bool,
    leaked: LeakedPasswords,
) -> Member:
    """Let a member choose a new password of their own; their other sessions end.

    Raises WrongPassword unless they gave the present one.
    """
    if member.id != tx.actor.member_id or not right_password:
        raise WrongPassword("the present password is not right")
    _check(tx, member, password)
    if leaked.knows(password):
        raise Unusable("this password was stolen elsewhere and is in the lists of guessers")
    _keep_own(member, password)
    _end_sessions(tx, member)
    tx.record(member)
    return member


@command("access.give_seat")
def give_seat(tx: Transaction, member: Member, roles: Iterable[str]) -> Seat:
    """Give a member of another organisation a place in this one, with these roles here."""
    rules.check_roles(roles := tuple(roles), read_roles())
    if member.organisation_id == tx.organisation_id:
        raise Unusable(f"{member.email} is a member here; give them roles instead")
    seat = sessions.seat_in(tx.session, member.id, tx.organisation_id)
    if seat is None:
        seat = Seat(id=tx.new_id(), member_id=member.id, roles=[], given_at=tx.now)
        tx.session.add(seat)
    seat.roles, seat.left_at = list(roles), None
    tx.record(seat, member=member.id, roles=roles)
    return seat


@command("access.take_seat")
def take_seat(tx: Transaction, seat: Seat) -> None:
    """Take a seat away: whoever had it sees nothing here from the next moment on."""
    seat.left_at = tx.now
    tx.record(seat, member=seat.member_id)


@command("access.admit")
def admit(tx: Transaction, asserted: Asserted, roles: tuple[str, ...]) -> Member:
    """Let someone in by the word of a sign-in service, with the roles of their groups.

    Raises Refused where a member has that address: only a link that somebody made, or an
    address that the service has verified where that counts, leads into an account that exists.
    """
    if queries.is_taken(tx.session, asserted.email):
        raise Refused("there is an account of this address; it must be linked first")
    rules.check_roles(roles, read_roles())
    draft = MemberDraft(email=asserted.email, name=asserted.name, roles=roles)
    member = Member(
        id=tx.new_id(),
        organisation_id=tx.organisation_id,
        email=draft.email.strip(),
        account=rules.account_name(draft.email),
        name=draft.name.strip(),
        language=draft.language,
        zone=draft.zone,
        roles=list(roles),
        password_hash=queries.hash_password(secrets.token_urlsafe(32)),
        invited_at=tx.now,
    )
    tx.session.add(member)
    tx.session.flush()  # the identity refers to it
    tx.session.add(_identity(tx, member, asserted.issuer, asserted.subject))
    tx.record(member, roles=roles, issuer=asserted.issuer)
    return member


@command("access.follow")
def follow(tx: Transaction, member: Member, roles: tuple[str, ...]) -> Member:
    """Give a member the roles that their groups elsewhere have now, and end their sessions."""
    rules.check_roles(roles, read_roles())
    was, member.roles = member.roles, list(roles)
    _end_sessions(tx, member)
    tx.record(member, was=tuple(was), roles=roles)
    return member


@command("access.link")
def link(tx: Transaction, member: Member, issuer: str, subject: str) -> Identity:
    """Let a member in by the word of a sign-in service, which knows them as `subject`."""
    known = factors.identity(tx.session, issuer, subject)
    if known is not None:
        raise Refused("this identity belongs to a member already")
    identity = _identity(tx, member, issuer, subject)
    tx.session.add(identity)
    tx.record(identity, member=member.id, issuer=issuer)
    return identity


@command("access.unlink")
def unlink(tx: Transaction, identity: Identity) -> None:
    """Believe a sign-in service no more about a member, and end their sessions."""
    member = queries.by_id(tx.session, identity.member_id)
    _end_sessions(tx, member)
    tx.record(identity, member=member.id, issuer=identity.issuer)
    tx.session.delete(identity)


def _identity(tx: Transaction, member: Member, issuer: str, subject: str) -> Identity:
    return Identity(
        id=tx.new_id(), member_id=member.id, issuer=issuer, subject=subject, linked_at=tx.now
    )


def _renew(tx: Transaction, member: Member, draft: MemberDraft, holds: str) -> str:
    """Invite somebody anew whose first password is over, or who left; return the new one."""
    until = member.first_password_until
    if member.left_at is None and (until is None or tx.now < until):
        raise Unusable(f"{draft.email} is a member already")
    was, member.roles, member.left_at = member.roles, list(draft.roles), None
    member.name, member.language, member.zone = draft.name.strip(), draft.language, draft.zone
    password = _give_first(tx, member, holds)
    tx.record(member, was=tuple(was), roles=draft.roles)
    return password


def _give_first(tx: Transaction, member: Member, holds: str) -> str:
    """Give a random password that holds for a period; whatever was open ends."""
    password = secrets.token_urlsafe(15)
    member.password_hash = queries.hash_password(password)
    member.first_password_until = later(tx.now, holds)
    limits.give_back(tx, "sign_in", member.account)
    _end_sessions(tx, member)
    return password


def _keep_own(member: Member, password: str) -> None:
    """Keep a password that nobody else was shown: it holds until it is changed."""
    member.password_hash, member.first_password_until = queries.hash_password(password), None


def _check(tx: Transaction, member: Member, password: str) -> None:
    house = queries.organisation_of(tx.session, member.organisation_id)
    rules.check_password(password, email=member.email, words=(member.name, house.name))


def _end_sessions(tx: Transaction, member: Member) -> None:
    for live in queries.live_sessions(tx.session, member.id):
        live.ended_at = tx.now

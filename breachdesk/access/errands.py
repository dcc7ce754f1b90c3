"""What happens at the door, before anybody is known: count, then look, then let in."""

import logging
from base64 import b64decode, b64encode
from collections.abc import Mapping
from uuid import UUID

from breachdesk.access import commands, queries, rules
from breachdesk.access.commands import limits
from breachdesk.access.commands.sessions import answered, pose
from breachdesk.access.ports import Elsewhere, Passkeys, Site
from breachdesk.access.queries import factors
from breachdesk.access.terms import LONGEST_PASSWORD, Asserted, Entrance, Knock
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.kernel.errors import Refused
from breachdesk.kernel.tables import EVERY_ORGANISATION

NOBODY = Actor(UUID(int=0), "nobody", UUID(int=0), frozenset())
"""Who counts what is tried at the door; may run no command and sees no organisation."""
AT_THE_DOOR = frozenset(
    f"access.{verb}" for verb in ("admit", "enter", "follow", "link", "pass_factor", "sign_in")
)
PASSKEY, SIGN_ON = "passkey", "sign-on"

log = logging.getLogger(__name__)


def spend(
    transactions: Transactions,
    name: str,
    *,
    account: str | None = None,
    address: str | None = None,
) -> None:
    """Count one use of the limit `name` in a transaction of its own. Raises TooMany.

    For whatever is reached without signing in, before anything is looked up::

        errands.spend(desk().transactions, "code_page", account=code, address=visit.address())

    `account` is whose thing is tried (a login, a code), `address` the network address it comes
    from; both are kept as an HMAC. The rates are in `limits.toml`.
    """
    with transactions.open(NOBODY) as tx:
        seconds = limits.used_up(tx, name, account=account, address=address)
    if seconds:
        log.warning("limit reached: %s, for %d s", name, seconds)
        raise limits.TooMany(name, seconds)


def sign_in(
    transactions: Transactions, email: str, password: str, knock: Knock
) -> Entrance | None:
    """Return the token of a new session, or None: for one reason as quickly as for another.

    Raises TooMany where the account or the address was tried too often, FirstPasswordOver for
    a right password that holds no more.
    """
    account = rules.account_name(email)
    spend(transactions, "sign_in", account=account, address=knock.address)
    with transactions.reading(EVERY_ORGANISATION) as everywhere:
        found = queries.member_by_email(everywhere, email)
        first = queries.organisations(everywhere)[0]
        # slow on purpose: no transaction waits for it
        right = queries.matches(found, password[:LONGEST_PASSWORD])
    doorkeeper = (
        Actor(UUID(int=0), "stranger", first.id, AT_THE_DOOR)
        if found is None
        else doorkeeper_of(found)
    )
    with transactions.open(doorkeeper) as tx:
        known = None if found is None else queries.member(tx.session, email)
        allowed = right and len(password) <= LONGEST_PASSWORD
        return commands.sign_in(tx, known, right_password=allowed, device=knock.device)


def pass_factor(
    transactions: Transactions, token: str, code: str, knock: Knock
) -> Entrance | None:
    """Return the open session for a right second factor, under a new token; else None.

    Raises TooMany where it was tried too often.
    """
    now = transactions.clock.now()
    with transactions.reading(EVERY_ORGANISATION) as everywhere:
        found = queries.held_open(everywhere, token, now)
    if found is None:
        return None
    member = found[1]
    spend(transactions, "second_factor", account=str(member.id), address=knock.address)
    with transactions.open(doorkeeper_of(member)) as tx:
        again = queries.held_open(tx.session, token, tx.now)
        return None if again is None else commands.pass_factor(tx, *again, code=code)


def ask_for_passkey(
    transactions: Transactions,
    passkeys: Passkeys,
    site: Site,
    knock: Knock,
    member_id: UUID | None = None,
) -> tuple[str, str]:
    """Return the options for a browser, and the token of the question kept with them.

    Without a member any passkey of ours may answer: its owner need not say who they are.
    Raises TooMany where too many were asked for.
    """
    account = str(member_id) if member_id else None
    spend(transactions, "passkey_options", account=account, address=knock.address)
    held: list[bytes] = []
    if member_id is not None:
        with transactions.reading(EVERY_ORGANISATION) as everywhere:
            held = [each.credential_id for each in factors.passkeys(everywhere, member_id)]
    options, challenge = passkeys.ask(site, held)
    with transactions.open(NOBODY) as tx:
        kept = {"challenge": b64encode(challenge).decode()}
        return options, pose(tx, PASSKEY, kept)


def check_passkey(
    transactions: Transactions, passkeys: Passkeys, site: Site, question: str, answer: str
) -> UUID:
    """Return the member whose passkey answered the question, which can be answered once.

    Raises Refused where nobody's did, Unusable where the answer does not hold.
    """
    with transactions.open(NOBODY) as tx:
        kept = answered(tx, question, PASSKEY)
    credential = passkeys.credential_of(answer)
    with transactions.reading(EVERY_ORGANISATION) as everywhere:
        found = factors.passkey_behind(everywhere, credential)
    if kept is None or found is None:
        raise Refused("this passkey opens nothing here, or the question is too old")
    key, member = found
    challenge = b64decode(kept["challenge"])
    count = passkeys.check(site, challenge, answer, key.public_key, key.sign_count)
    with transactions.open(doorkeeper_of(member)) as tx:
        held = factors.passkey(tx.session, member.id, key.id)
        held.sign_count, held.used_at = count, tx.now
    return member.id


def enter_by_passkey(
    transactions: Transactions,
    passkeys: Passkeys,
    site: Site,
    question: str,
    answer: str,
    knock: Knock,
) -> Entrance:
    """Open a session for whoever holds a passkey. Raises Refused, Unusable or TooMany."""
    spend(transactions, "sign_in", address=knock.address)
    member_id = check_passkey(transactions, passkeys, site, question, answer)
    with transactions.reading(EVERY_ORGANISATION) as everywhere:
        member = queries.by_id(everywhere, member_id)
    with transactions.open(doorkeeper_of(member)) as tx:
        known = queries.by_id(tx.session, member_id)
        return commands.enter(tx, known, how="passkey", device=knock.device)


def begin_sign_on(
    transactions: Transactions, elsewhere: Elsewhere, redirect_uri: str, knock: Knock
) -> tuple[str, str]:
    """Return where to send the browser, and the token of the question kept until it is back.

    Raises Refused where the service does not answer, TooMany.
    """
    spend(transactions, "sign_in", address=knock.address)
    url, kept = elsewhere.service.begin(redirect_uri)
    with transactions.open(NOBODY) as tx:
        return url, pose(tx, SIGN_ON, dict(kept))


def finish_sign_on(
    transactions: Transactions,
    elsewhere: Elsewhere,
    redirect_uri: str,
    question: str,
    answer: Mapping[str, str],
    knock: Knock,
) -> Entrance:
    """Open a session for whom the service vouches. Raises Refused where its word is no use.

    Who comes for the first time becomes a member, if a group of theirs gives a role. Roles
    follow the groups at every sign-in.
    """
    with transactions.open(NOBODY) as tx:
        kept = answered(tx, question, SIGN_ON)
    if kept is None:
        raise Refused("this sign-in took too long, or was finished already")
    asserted = elsewhere.service.finish(redirect_uri, kept, answer)
    roles = rules.roles_of(asserted.groups, elsewhere.told.groups)
    member = _member_of(transactions, elsewhere, asserted, roles)
    with transactions.open(doorkeeper_of(member)) as tx:
        known = queries.by_id(tx.session, member.id)
        if tuple(known.roles) != roles:
            commands.follow(tx, known, roles)
    if not roles:
        raise Refused("no group of this account gives a role here")
    with transactions.open(doorkeeper_of(member)) as tx:
        known = queries.by_id(tx.session, member.id)
        whole = elsewhere.told.asks_second_factor
        return commands.enter(tx, known, how="sign-on", device=knock.device, whole=whole)


def _member_of(
    transactions: Transactions, elsewhere: Elsewhere, asserted: Asserted, roles: tuple[str, ...]
) -> queries.Member:
    """Return the member behind an identity: known, to be linked, or let in just now."""
    with transactions.reading(EVERY_ORGANISATION) as everywhere:
        known = factors.identity(everywhere, asserted.issuer, asserted.subject)
        if known is not None:
            found = queries.by_id(everywhere, known.member_id)
            if found.left_at is not None:
                raise Refused("this account was closed")
            return found
        same = queries.member_by_email(everywhere, asserted.email)
        name = elsewhere.told.organisation
        houses = queries.organisations(everywhere)
        house = queries.organisation(everywhere, name) if name else houses[0]
    if same is not None:
        at_home = same.organisation_id == house.id  # it vouches for its own house alone
        if not (at_home and elsewhere.told.link_by_email and asserted.email_verified):
            raise Refused("there is an account of this address; it must be linked first")
        with transactions.open(doorkeeper_of(same)) as tx:
            own = queries.by_id(tx.session, same.id)
            commands.link(tx, own, asserted.issuer, asserted.subject)
        return same
    if not roles:
        raise Refused("no group of this account gives a role here")
    door = Actor(UUID(int=0), "sign-in service", house.id, AT_THE_DOOR)
    with transactions.open(door) as tx:
        return commands.admit(tx, asserted, roles)


def doorkeeper_of(member: queries.Member) -> Actor:
    """Return who lets a member in: they themselves, and nothing but that."""
    return Actor(member.id, member.name, member.organisation_id, AT_THE_DOOR)

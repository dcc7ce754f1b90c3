"""Which addresses a call may go out to: no private network unless somebody named it."""

from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from urllib.parse import urlsplit

from breachdesk.kernel.errors import Unusable

SCHEMES = {"https": 443, "http": 80}
NAT64 = IPv6Network("64:ff9b::/96")
Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Target:
    """Where a call goes: a host by its name, to be resolved once, and what is asked of it."""

    secure: bool
    host: str
    port: int
    path: str


def target(url: str, *, clear: bool = False) -> Target:
    """Read an outgoing address. Raises Unusable for one that cannot be, or is not https.

    With `clear` http is taken too: somebody said that this network is trusted.
    """
    parts = urlsplit(url.strip())
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    printable = url.isascii() and url.isprintable() and " " not in url.strip()
    if parts.scheme not in SCHEMES or not host or not printable:
        raise Unusable(f"{url!r} is no address to call; write it like https://example.org/hook")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Unusable(
            "the address to call holds a user, a password or a fragment; leave it out"
        )
    if parts.scheme == "http" and not clear:
        raise Unusable("the address to call must begin with https://")
    path = parts.path or "/"
    return Target(
        secure=parts.scheme == "https",
        host=host,
        port=port or SCHEMES[parts.scheme],
        path=f"{path}?{parts.query}" if parts.query else path,
    )


def networks(text: str) -> tuple[Network, ...]:
    """Read networks joined by commas. Raises Unusable for one that is none."""
    found: list[Network] = []
    for each in filter(None, (part.strip() for part in text.split(","))):
        try:
            found.append(ip_network(each))
        except ValueError:
            raise Unusable(f"{each!r} is no network; write it like 10.20.0.0/16") from None
    return tuple(found)


def permitted(address: str, named: tuple[Network, ...] = ()) -> bool:
    """Tell whether a resolved address may be called.

    It is one of the open network, or inside a network that somebody named. What an IPv6
    address carries inside (mapped, 6to4, Teredo, NAT64) is looked at too.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    carried = tuple(_carried(found))
    # a mapped address is the IPv4 address in another spelling
    spelt = carried if isinstance(found, IPv6Address) and found.ipv4_mapped else (found,)
    if any(each in network for each in spelt for network in named):
        return True
    return all(_open(each) for each in (*spelt, *carried))


def _open(address: Address) -> bool:
    return address.is_global and not address.is_multicast


def _carried(address: Address) -> list[IPv4Address]:
    """Return the IPv4 addresses that an IPv6 address stands for."""
    if isinstance(address, IPv4Address):
        return []
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in NAT64:
        found.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return [each for each in found if each is not None]

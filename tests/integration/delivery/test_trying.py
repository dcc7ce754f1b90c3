"""What is tried before people are written to reaches guests alone, and is noted."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from breachdesk.access import commands as access
from breachdesk.access.commands import TooMany
from breachdesk.access.reading import read_limits
from breachdesk.access.terms import MemberDraft
from breachdesk.adapters.dns_names import DnsNames
from breachdesk.audit.terms import Actor
from breachdesk.audit.transaction import Transactions
from breachdesk.delivery import commands, errands
from breachdesk.delivery.terms import Verdict
from breachdesk.notices.models import Notice
from fakes import NotedMailer, readers

ZONE = {
    ("leadjet.example.", "TXT"): ['"v=spf1 include:sendgrid.net -all"'],
    ("s1._domainkey.leadjet.example.", "TXT"): ['"k=rsa; p=MIIB" "IjAN"'],
    ("_dmarc.leadjet.example.", "TXT"): ['"v=DMARC1; p=none"'],
    ("example.org.", "MX"): ["0 ."],
    ("mail.example.", "A"): ["192.0.2.1"],
}


@contextmanager
def name_server() -> Iterator[int]:
    """Answer for the zone on a port of the loopback."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                asked, who = server.recvfrom(4096)
            except OSError:
                return
            if not asked:
                return
            query = dns.message.from_wire(asked)
            answer = dns.message.make_response(query)
            question = query.question[0]
            name, kind = str(question.name), question.rdtype.name
            known = [each for each, _ in ZONE]
            if (name, kind) in ZONE:
                answer.answer.append(
                    dns.rrset.from_text(name, 60, "IN", kind, *ZONE[name, kind])
                )
            elif name not in known:
                answer.set_rcode(dns.rcode.NXDOMAIN)
            server.sendto(answer.to_wire(), who)

    thread = threading.Thread(target=serve)
    thread.start()
    port = server.getsockname()[1]
    try:
        yield port
    finally:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", port))
        thread.join()
        server.close()


class TestLookAhead:
    def test_asks_the_name_system_and_reads_the_list(
        self, transactions: Transactions, actor: Actor, freeze: Callable[..., UUID]
    ) -> None:
        campaign_id = freeze(readers(3))
        with name_server() as port:
            names = DnsNames("127.0.0.1", port)
            found = errands.look_ahead(transactions, actor, campaign_id, names, None)
            assert names.takes_mail("mail.example") is True
            assert names.takes_mail("nowhere.example") is False

        assert {each.name: each.verdict for each in found} == {
            "duplicates": Verdict.GOOD,
            "spf": Verdict.GOOD,
            "dkim": Verdict.GOOD,
            "dmarc": Verdict.LOOK,
            "domains": Verdict.LOOK,
        }
        assert [each.count for each in found if each.name == "domains"] == [3]


class TestTest:
    def test_goes_to_members_and_guests_alone(
        self, transactions: Transactions, actor: Actor, notice: Notice
    ) -> None:
        with transactions.open(actor) as tx:
            access.invite(tx, MemberDraft(email="Ben@leadjet.example", name="Ben", roles=()))
        mailer = NotedMailer()

        for address in ("ben@leadjet.example", "guest@agency.example"):
            guests = ("guest@AGENCY.example",)
            results = errands.send_test(transactions, mailer, actor, notice.id, address, guests)
            assert set(results.values()) == {"accepted"}
        with pytest.raises(commands.NoGuest):
            errands.send_test(transactions, mailer, actor, notice.id, "person1@example.org", ())

        assert {address for address, _ in mailer.messages} == {
            "ben@leadjet.example",
            "guest@agency.example",
        }
        assert len(mailer.messages) == 2 * len(results)

    def test_is_limited(self, transactions: Transactions, actor: Actor, notice: Notice) -> None:
        limit = read_limits()["test_send"].account
        assert limit is not None
        guest, mailer = "guest@agency.example", NotedMailer()

        def send() -> None:
            errands.send_test(transactions, mailer, actor, notice.id, guest, (guest,))

        for _ in range(limit.times):
            send()
        sent = len(mailer.messages)
        with pytest.raises(TooMany):
            send()
        assert len(mailer.messages) == sent > 0

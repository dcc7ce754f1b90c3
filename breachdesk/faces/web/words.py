"""What codes of the stations are called on a page."""

from flask import Flask
from flask_babel import lazy_gettext as later
from flask_babel.speaklater import LazyString
from markupsafe import Markup

from breachdesk.faces.web.language import fact, number

CODED = frozenset({"status", "risk_conclusion", "sa_decision", "subjects_decision"})
"""Columns of the register whose cells are codes."""

WORDS: dict[str, dict[str, LazyString]] = {
    "state": {
        "open": later("open"),
        "met": later("met"),
        "late": later("late"),
        "waived": later("waived"),
    },
    "level": {
        "unlikely": later("Risk unlikely"),
        "risk": later("Risk"),
        "high": later("High risk"),
    },
    "scale": {
        "negligible": later("negligible"),
        "limited": later("limited"),
        "significant": later("significant"),
        "maximal": later("maximal"),
    },
    "band": {
        "low": later("low"),
        "medium": later("medium"),
        "high": later("high"),
        "very_high": later("very high"),
    },
    "role": {
        "controller": later("controller"),
        "joint_controller": later("joint controller"),
        "processor": later("processor"),
        "any": later("any role"),
    },
    "ring": {
        "proven": later("Proven"),
        "reachable": later("Reachable"),
        "population": later("Population"),
    },
    "ring_means": {
        "proven": later("a log line or a list shows it"),
        "reachable": later("and everyone within the intruder’s reach"),
        "population": later("and everyone else in these stores"),
    },
    "stage": {
        "draft": later("draft"),
        "approved": later("approved"),
        "frozen": later("handed to delivery"),
        "void": later("void"),
    },
    "duty": {
        "gdpr.34.people": later("Notice to people"),
        "gdpr.33.controller": later("Alert to customers"),
    },
    "campaign": {
        "draft": later("draft"),
        "frozen": later("frozen"),
        "approved": later("approved"),
        "sending": later("sending"),
        "paused": later("paused"),
        "finished": later("finished"),
        "cancelled": later("cancelled"),
    },
    "standing": {
        "accepted": later("Accepted by the carrier"),
        "delivered": later("Delivered"),
        "bounced": later("Bounced"),
        "dropped": later("Dropped"),
        "in_doubt": later("In doubt"),
        "not_informed": later("Not informed"),
    },
    "reason": {
        "no_address": later("no address"),
        "unusable_address": later("unusable address"),
        "excluded": later("excluded by a person"),
        "customer_informs": later("told by the customer, who is the controller"),
        "waiting": later("waiting"),
        "cancelled": later("sending was cancelled"),
        "rejected": later("rejected"),
        "blocked": later("blocked"),
    },
    "kind": {
        "initial": later("initial"),
        "complementary": later("complementary"),
        "complete": later("complete"),
    },
    "cell": {
        "open": later("Open"),
        "closed": later("Closed"),
        "notified": later("notified"),
        "not_required": later("not required"),
        "not_notified": later("not notified, with reasons"),
        "to_notify": later("to be notified"),
        "undecided": later("not decided yet"),
        "undetermined": later("not decided yet"),
        "done": later("informed"),
        "not_planned": later("not informed, with reasons"),
        "planned": later("to be informed"),
        "unlikely": later("Risk unlikely"),
        "risk": later("Risk"),
        "high": later("High risk"),
    },
    "source": {
        "fact": later("facts"),
        "scope": later("measured scope"),
        "delivery": later("delivery"),
        "measure": later("measures"),
        "risk": later("signed risk"),
        "datamap": later("data map"),
        "notice": later("notice"),
        "obligation": later("obligations"),
        "filing": later("filing"),
        "typed": later("typed by a person"),
        "nobody": later("nobody yet"),
    },
}


def name(app: Flask) -> None:
    """Let pages say what a code is called."""
    app.add_template_filter(cell)
    app.add_template_filter(word)


def cell(value: object, column: str) -> str | Markup:
    """Write a cell of the register; several entries stand one a line."""
    if value is None or value in ("", []):
        return "\N{EN DASH}"
    if isinstance(value, list):
        lines = (_entry(each, column) for each in value)
        return Markup("<br>").join(lines)
    if isinstance(value, int) and not isinstance(value, bool):
        return number(value)
    return word(value, "cell") if column in CODED else fact(value)


def _entry(value: object, column: str) -> str | Markup:
    if isinstance(value, dict):
        told = (fact(part) for part in value.values() if part not in (None, ""))
        return Markup(" · ").join(told)
    return cell(value, column)


def word(code: object, family: str) -> str:
    """Return what `code` is called; a code without a word is shown as it is."""
    plain = str(getattr(code, "value", code))
    return str(WORDS[family].get(plain, plain))

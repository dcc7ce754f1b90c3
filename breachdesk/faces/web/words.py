"""What codes of the stations are called on a page."""

from collections.abc import Iterable

from flask import Flask
from flask_babel import lazy_gettext as later
from flask_babel.speaklater import LazyString

WORDS: dict[str, dict[str, LazyString]] = {
    "state": {
        "open": later("open"),
        "met": later("met"),
        "late": later("late"),
        "waived": later("waived"),
        "stale": later("to be looked at again"),
    },
    "odd": {
        "future": later("Awareness lies in the future. Is the date right?"),
        "years_old": later("Awareness lies more than a year back. Is the date right?"),
        "before_start": later("Awareness lies before the start. Is one of them wrong?"),
        "before_detection": later("Awareness lies before the detection. Is one of them wrong?"),
        "after_qualification": later(
            "Awareness lies after the qualification. Is one of them wrong?"
        ),
        "day_only": later(
            "The hour of awareness is not known: every clock counts from 00:00 of that day."
        ),
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
    "ground": {
        "a": later("the data were unintelligible: encryption, a safe key"),
        "b": later("later measures removed the high risk"),
        "c": later("disproportionate effort: a public communication instead"),
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
        "withdrawal": later("withdrawal"),
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
    },
    "exactness": {
        "exact": later("exact"),
        "approximate": later("approximate"),
        "unknown": later("not known"),
        "typed": later("typed by a person"),
    },
    "part": {
        "due": later("due"),
        "done_at": later("done"),
        "evidence": later("evidence"),
        "waived_for": later("waived for"),
        "people": later("people"),
        "accepted": later("accepted"),
        "delivered": later("delivered"),
        "bounced": later("bounced"),
        "dropped": later("dropped"),
        "in_doubt": later("in doubt"),
        "not_informed": later("not informed"),
        "text_digest": later("text"),
        "file_digest": later("receipt"),
        "first_at": later("from"),
        "last_at": later("to"),
    },
    "field": {
        "title": later("Title"),
        "aware_at": later("Aware"),
        "started_at": later("Started"),
        "summary": later("What happened"),
        "zone": later("Time zone"),
        "drill": later("Drill"),
        "language": later("Language"),
        "ended_at": later("Ended"),
        "detected_at": later("Detected"),
        "qualified_at": later("Qualified"),
        "reason": later("Why was it otherwise before?"),
        "text": later("What was written"),
        "at": later("When"),
        "happened_at": later("When"),
        "filed_at": later("When was it filed?"),
        "number": later("Number of the acknowledgement"),
        "note": later("What was found or done, or why it is left out"),
    },
    "owner": {
        "security": later("security"),
        "engineer": later("engineering"),
        "dpo": later("data protection officer"),
        "legal": later("legal"),
        "communication": later("communication"),
        "support": later("support"),
        "management": later("management"),
    },
    "phase": {
        "contain": later("contain"),
        "preserve": later("preserve"),
        "measure": later("measure"),
        "decide": later("decide"),
        "tell": later("tell"),
        "learn": later("learn"),
    },
    "map": {
        "stores": later("stores"),
        "categories": later("categories"),
        "populations": later("populations"),
        "routes": later("routes"),
        "organisation": later("organisation"),
        "not_held": later("not held"),
        "processors": later("processors"),
    },
    "task": {"done": later("done"), "skipped": later("left out")},
    "asked": {
        "role": later("our role"),
        "breach_types": later("what the data lost"),
        "cause": later("the cause"),
        "malicious": later("whether it was malicious"),
        "data_categories": later("the data concerned"),
        "special_categories": later("sensitive data"),
        "criminal_data": later("data on offences"),
        "profile_depth": later("how much is known of each person"),
        "subjects_count": later("the number of people"),
        "subjects_count_basis": later("how the number is known"),
        "vulnerable": later("vulnerable people"),
        "identifiability": later("how easily people are recognised"),
        "protection": later("the protection of the data"),
        "key_safe": later("whether the key is safe"),
        "backup": later("the backup"),
        "recovery_hours": later("the hours to recovery"),
        "permanent_loss": later("whether the loss is for good"),
        "service_impact": later("what people felt of it"),
        "exfiltration": later("whether data left"),
        "recipient_kind": later("who holds the data now"),
        "recipients_count": later("the number of recipients"),
        "containment": later("what became of the copy"),
        "publicly_disclosed": later("whether it was made public"),
        "targeted_or_misused": later("whether data were misused"),
        "safety_risk": later("danger to somebody’s safety"),
        "scope_uncertain": later("whether the extent is certain"),
        "detected_after_hours": later("the hours until detection"),
        "consequences": later("the consequences"),
        "already_public": later("whether it was public already"),
        "access": later("whether anybody got in"),
        "assurance_from": later("whose word it is"),
        "recipient_relation": later("what the holder is to people"),
        "need_to_know": later("whether the recipient may know"),
        "relied_on": later("whether decisions rely on the data"),
        "publication": later("how it was published"),
        "aware_at": later("awareness"),
        "risk": later("the level of risk"),
        "nobody_depends": later("whether anybody depended on it"),
        "context_reveals": later("what the context reveals"),
        "subgroups": later("people worse off than the rest"),
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
    app.add_template_filter(word)
    app.add_template_filter(worded)


def word(code: object, family: str) -> str:
    """Return what `code` is called; a code without a word is shown as it is."""
    plain = str(getattr(code, "value", code))
    return str(WORDS[family].get(plain, plain))


def worded(codes: Iterable[object], family: str) -> str:
    """Return what several codes are called, in one line."""
    return ", ".join(word(code, family) for code in codes)

"""Words of risk: the closed vocabulary of facts, and what an assessment says.

Where order matters the members of an enum go from the harmless to the worst, so that a fact
nobody knows can be read at its worst.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How likely a harm to people is, as articles 33 and 34 of the GDPR ask it."""

    UNLIKELY = "unlikely"
    RISK = "risk"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """Return 0 for unlikely, 1 for risk, 2 for high."""
        return tuple(Level).index(self)


class Scale(StrEnum):
    """The four steps of the CNIL, used for severity and, apart, for likelihood."""

    NEGLIGIBLE = "negligible"
    LIMITED = "limited"
    SIGNIFICANT = "significant"
    MAXIMAL = "maximal"

    @property
    def rank(self) -> int:
        """Return 0 for negligible up to 3 for maximal."""
        return tuple(Scale).index(self)


class Role(StrEnum):
    """In which role we hold these data."""

    PROCESSOR = "processor"
    JOINT_CONTROLLER = "joint_controller"
    CONTROLLER = "controller"


class BreachType(StrEnum):
    """What the data lost (GDPR art. 4(12))."""

    CONFIDENTIALITY = "confidentiality"
    INTEGRITY = "integrity"
    AVAILABILITY = "availability"


class Cause(StrEnum):
    """What happened. `unknown` is read as deliberate and from inside."""

    UNSPECIFIED = "unspecified"
    HUMAN_ERROR = "human_error"
    OUTAGE = "outage"
    TECHNICAL_FAILURE = "technical_failure"
    SOFTWARE_BUG = "software_bug"
    MISCONFIGURATION = "misconfiguration"
    VULNERABILITY = "vulnerability"
    ACCIDENTAL_DISCLOSURE = "accidental_disclosure"
    VERBAL_DISCLOSURE = "verbal_disclosure"
    UNINTENDED_PUBLICATION = "unintended_publication"
    MISDIRECTED_EMAIL = "misdirected_email"
    MISDIRECTED_POST = "misdirected_post"
    LOST_DEVICE = "lost_device"
    LOST_PAPER = "lost_paper"
    IMPROPER_DISPOSAL = "improper_disposal"
    STOLEN_DEVICE = "stolen_device"
    STOLEN_PAPER = "stolen_paper"
    SOCIAL_ENGINEERING = "social_engineering"
    PHISHING = "phishing"
    MAILBOX_COMPROMISE = "mailbox_compromise"
    CREDENTIAL_STUFFING = "credential_stuffing"
    STOLEN_CREDENTIALS = "stolen_credentials"
    STOLEN_TOKEN = "stolen_token"  # noqa: S105  (a word of the vocabulary)
    SQL_INJECTION = "sql_injection"
    SCRAPING = "scraping"
    MALWARE = "malware"
    HACKING = "hacking"
    SUPPLY_CHAIN = "supply_chain"
    RANSOMWARE = "ransomware"
    INSIDER = "insider"
    UNKNOWN = "unknown"


class Category(StrEnum):
    """What kinds of data; what each can do to people stands in `categories.toml`."""

    PSEUDONYM = "pseudonym"
    EMAIL_ADDRESS = "email_address"
    PROFESSIONAL_CONTACT = "professional_contact"
    IDENTIFICATION_CONTACT = "identification_contact"
    POSTAL_ADDRESS = "postal_address"
    DATE_OF_BIRTH = "date_of_birth"
    FAMILY = "family"
    EDUCATION = "education"
    EMPLOYMENT = "employment"
    VEHICLE_REGISTRATION = "vehicle_registration"
    INSURANCE_CONTRACT = "insurance_contract"
    PURCHASE_HISTORY = "purchase_history"
    MARKETING_PREFS = "marketing_prefs"
    COOKIES_TRACKERS = "cookies_trackers"
    CONNECTION_LOGS = "connection_logs"
    INVOICE_BILLING = "invoice_billing"
    CREDENTIALS_HASHED_STRONG = "credentials_hashed_strong"
    CREDENTIALS_HASHED_WEAK = "credentials_hashed_weak"
    CREDENTIALS_PLAIN = "credentials_plain"
    SESSION_OR_API_TOKEN = "session_or_api_token"  # noqa: S105  (a word of the vocabulary)
    BANK_ACCOUNT = "bank_account"
    PAYMENT_CARD = "payment_card"
    FINANCIAL_SITUATION = "financial_situation"
    TRAFFIC_DATA = "traffic_data"
    LOCATION_HISTORY = "location_history"
    MESSAGES_CONTENT = "messages_content"
    VIDEO_OR_IMAGE = "video_or_image"
    NATIONAL_ID = "national_id"
    IDENTITY_DOCUMENT = "identity_document"
    CRIMINAL = "criminal"
    RACIAL_OR_ETHNIC_ORIGIN = "racial_or_ethnic_origin"
    POLITICAL_OPINION = "political_opinion"
    RELIGION = "religion"
    TRADE_UNION = "trade_union"
    SEXUAL_LIFE = "sexual_life"
    BIOMETRIC = "biometric"
    GENETIC = "genetic"
    HEALTH = "health"


class SpecialCategories(StrEnum):
    """How much of article 9 is in the data; `minor` is a hint about a few people."""

    NONE = "none"
    MINOR = "minor"
    SUBSTANTIAL = "substantial"


class ProfileDepth(StrEnum):
    """How much the data say about one person."""

    BASIC = "basic"
    ENRICHED = "enriched"
    FULL_FILE = "full_file"


class CountBasis(StrEnum):
    """How the number of people is known."""

    EXACT = "exact"
    APPROX = "approx"
    MAXIMUM = "maximum"
    MINIMUM = "minimum"
    UNKNOWN = "unknown"


class Vulnerable(StrEnum):
    """Groups with particular needs or exposure."""

    EMPLOYEES = "employees"
    ELDERLY = "elderly"
    DISABLED = "disabled"
    PATIENTS = "patients"
    MINORS = "minors"
    ASYLUM_SEEKERS = "asylum_seekers"
    VICTIMS = "victims"
    PROTECTED_PERSONS = "protected_persons"
    OTHER = "other"


class Identifiability(StrEnum):
    """How easily the data lead to a person."""

    PSEUDONYMOUS = "pseudonymous"
    INDIRECT = "indirect"
    DIRECT = "direct"


class Protection(StrEnum):
    """What made the data unreadable to the holder. A password on a file is no encryption."""

    ENCRYPTED = "encrypted"
    HASHED_SALTED = "hashed_salted"
    HASHED_WEAK = "hashed_weak"
    PSEUDONYMISED = "pseudonymised"
    PASSWORD_ONLY = "password_only"  # noqa: S105  (a word of the vocabulary)
    NONE = "none"


class Backup(StrEnum):
    """What there was to come back from."""

    FULL = "full"
    NOT_APPLICABLE = "not_applicable"
    PARTIAL = "partial"
    NONE = "none"


class ServiceImpact(StrEnum):
    """What people felt of data that were missing or wrong."""

    NONE = "none"
    MINOR = "minor"
    MODERATE = "moderate"
    SERIOUS = "serious"
    CRITICAL = "critical"


class Exfiltration(StrEnum):
    """Whether data left; `excluded` means on evidence, not for want of it."""

    EXCLUDED = "excluded"
    NOT_APPLICABLE = "not_applicable"
    POSSIBLE = "possible"
    LIKELY = "likely"
    CONFIRMED = "confirmed"


class Access(StrEnum):
    """Whether anybody got in at all, where that was looked into apart from copying."""

    EXCLUDED = "excluded"
    NOT_STATED = "not_stated"
    CONFIRMED = "confirmed"


class RecipientKind(StrEnum):
    """Who holds the data now."""

    NONE = "none"
    INTERNAL = "internal"
    TRUSTED_EXTERNAL = "trusted_external"
    KNOWN_UNTRUSTED = "known_untrusted"
    UNKNOWN = "unknown"
    ATTACKER = "attacker"
    PUBLIC = "public"


class RecipientRelation(StrEnum):
    """What the holder is to the person: somebody barred from them is the worst."""

    NOT_STATED = "not_stated"
    NONE = "none"
    RELATIVE = "relative"
    CO_WORKER = "co_worker"
    EMPLOYER = "employer"
    ADVERSE = "adverse"


class Containment(StrEnum):
    """What became of the copy: back unread, back, destroyed by word, asked for, at large."""

    RETURNED = "returned"
    CONFIRMED = "confirmed"
    REQUESTED = "requested"
    NONE = "none"


class Assurance(StrEnum):
    """Whose word it is that a copy was destroyed, or came back unread."""

    SUPERVISED = "supervised"
    BOUND = "bound"
    NOT_STATED = "not_stated"
    UNVERIFIED = "unverified"


class Publication(StrEnum):
    """Whether a page could only be reached by its link, or was there for all to find."""

    LINK_ONLY = "link_only"
    NOT_STATED = "not_stated"
    PUBLISHED = "published"


class Consequence(StrEnum):
    """What may follow for people, or has."""

    ANNOYANCE = "annoyance"
    UNSOLICITED_MARKETING = "unsolicited_marketing"
    UNWANTED_CONTACT = "unwanted_contact"
    DELAY = "delay"
    LOSS_OF_CONTROL = "loss_of_control"
    PHISHING = "phishing"
    LIMITATION_OF_RIGHTS = "limitation_of_rights"
    PSEUDONYMISATION_REVERSAL = "pseudonymisation_reversal"
    PROFESSIONAL_SECRECY = "professional_secrecy"
    DISTRESS = "distress"
    REPUTATION = "reputation"
    DISCRIMINATION = "discrimination"
    ACCOUNT_TAKEOVER = "account_takeover"
    FRAUD = "fraud"
    FINANCIAL_LOSS = "financial_loss"
    IDENTITY_THEFT = "identity_theft"
    JOB_LOSS = "job_loss"
    BLACKMAIL = "blackmail"
    STALKING = "stalking"
    HEALTH_HARM = "health_harm"
    PHYSICAL_HARM = "physical_harm"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a breach. Hours are decimal; a count of None was not given.

    `given` names the fields that somebody answered, `unknown` those answered «nobody knows»:
    these hold their worst value already. `subgroups` are people worse off than the rest, by
    name, each with the whole of its own facts.
    """

    role: Role = Role.CONTROLLER
    breach_types: frozenset[BreachType] = frozenset({BreachType.CONFIDENTIALITY})
    cause: Cause = Cause.UNSPECIFIED
    malicious: bool = False
    data_categories: frozenset[Category] = frozenset()
    special_categories: SpecialCategories = SpecialCategories.NONE
    criminal_data: bool = False
    profile_depth: ProfileDepth = ProfileDepth.BASIC
    subjects_count: int | None = None
    subjects_count_basis: CountBasis = CountBasis.UNKNOWN
    vulnerable: frozenset[Vulnerable] = frozenset()
    identifiability: Identifiability = Identifiability.DIRECT
    protection: Protection = Protection.NONE
    key_safe: bool | None = None
    backup: Backup = Backup.NOT_APPLICABLE
    recovery_hours: float | None = None
    permanent_loss: bool = False
    service_impact: ServiceImpact = ServiceImpact.NONE
    exfiltration: Exfiltration = Exfiltration.NOT_APPLICABLE
    recipient_kind: RecipientKind = RecipientKind.UNKNOWN
    recipients_count: int | None = None
    containment: Containment = Containment.NONE
    publicly_disclosed: bool = False
    targeted_or_misused: bool = False
    safety_risk: bool = False
    scope_uncertain: bool = False
    detected_after_hours: float | None = None
    consequences: frozenset[Consequence] = frozenset()
    # Finer facts, each harmless when it is not given.
    already_public: bool = False
    access: Access = Access.NOT_STATED
    assurance_from: Assurance = Assurance.NOT_STATED
    recipient_relation: RecipientRelation = RecipientRelation.NOT_STATED
    need_to_know: bool | None = None
    relied_on: bool = False
    publication: Publication = Publication.NOT_STATED
    context_reveals: frozenset[Category] = frozenset()
    subgroups: tuple[tuple[str, "Facts"], ...] = ()
    given: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()


MANY = 10**9
WORST: Mapping[str, object] = {
    "role": Role.CONTROLLER,
    "breach_types": frozenset(BreachType),
    "cause": Cause.UNKNOWN,
    "malicious": True,
    "data_categories": frozenset(Category),
    "special_categories": SpecialCategories.SUBSTANTIAL,
    "criminal_data": True,
    "profile_depth": ProfileDepth.FULL_FILE,
    "subjects_count": MANY,
    "subjects_count_basis": CountBasis.UNKNOWN,
    "vulnerable": frozenset(Vulnerable),
    "identifiability": Identifiability.DIRECT,
    "protection": Protection.NONE,
    "key_safe": False,
    "backup": Backup.NONE,
    "recovery_hours": float(MANY),
    "permanent_loss": True,
    "service_impact": ServiceImpact.CRITICAL,
    "exfiltration": Exfiltration.CONFIRMED,
    "recipient_kind": RecipientKind.UNKNOWN,
    "recipients_count": MANY,
    "containment": Containment.NONE,
    "publicly_disclosed": True,
    "targeted_or_misused": True,
    "safety_risk": True,
    "scope_uncertain": True,
    "detected_after_hours": float(MANY),
    "consequences": frozenset(Consequence),
    "already_public": False,
    "access": Access.CONFIRMED,
    "assurance_from": Assurance.UNVERIFIED,
    "recipient_relation": RecipientRelation.ADVERSE,
    "need_to_know": False,
    "relied_on": True,
    "publication": Publication.PUBLISHED,
    "context_reveals": frozenset(Category),
}
"""How each fact is read when nobody knows it. Severe, so that a question gets an answer."""


@dataclass(frozen=True, slots=True)
class Enisa:
    """A second opinion after ENISA's working document of 2013; it decides nothing."""

    score: float
    band: str
    data: int
    identification: float
    circumstances: float
    flags: tuple[str, ...]
    explanation: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the facts amount to, before anything of article 34(3).

    `unknown` are the fields worth asking for; `contradictions` the pairs of facts that cannot
    both be true, of which the worse was counted.
    """

    level: Level
    notify_authority: bool
    notify_people: bool
    duty: str | None
    rule: str
    reason: Mapping[str, str]
    enisa: Enisa
    severity: Scale
    likelihood: Scale
    unknown: tuple[str, ...]
    contradictions: tuple[str, ...]


class Ground(StrEnum):
    """Why people need not be told one by one, though the risk is high (GDPR art. 34(3))."""

    UNINTELLIGIBLE = "a"
    RISK_REMOVED = "b"
    DISPROPORTIONATE = "c"


@dataclass(frozen=True, slots=True)
class Relief:
    """A ground of article 34(3) with the reason a person wrote for it."""

    ground: Ground
    reason: str

    @property
    def public_communication(self) -> bool:
        """Tell whether a public communication is owed instead: (c) only changes the channel."""
        return self.ground is Ground.DISPROPORTIONATE


@dataclass(frozen=True, slots=True)
class SignOff:
    """What a person signs: of which data set, in which words, and where they depart from us."""

    data_set: str = ""
    level: Level | None = None
    reason: str = ""
    relief: Relief | None = None


@dataclass(frozen=True, slots=True)
class Combined:
    """The worst over the data sets of an incident, in the eyes of the law."""

    level: Level
    notify_authority: bool
    notify_people: bool
    public_communication: bool
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a signed assessment still fits the facts, and which fields changed since."""

    stale: bool
    changed: tuple[str, ...]

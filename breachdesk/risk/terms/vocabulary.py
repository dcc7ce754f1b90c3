"""The closed vocabulary of facts. One list of words, hence one file.

Where order matters the members of an enum go from the harmless to the worst, so that a fact
nobody knows can be read at its worst.
"""

from enum import StrEnum


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
    DENIAL_OF_SERVICE = "denial_of_service"
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

"""A made-up breach, told in every language that has templates."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from breachdesk.adapters.jinja_renderer import JinjaRenderer
from breachdesk.notices import reading
from breachdesk.notices.terms import (
    PEOPLE,
    Contact,
    Library,
    Office,
    Step,
    Story,
    Words,
)
from breachdesk.settings import shipped

CATEGORIES = ("bank_account", "identification_contact")


@pytest.fixture(scope="session")
def templates() -> Path:
    return shipped("templates")


@pytest.fixture(scope="session")
def library(templates: Path) -> Library:
    return reading.read_library(templates, PEOPLE)


@pytest.fixture(scope="session")
def renderer(templates: Path) -> JinjaRenderer:
    return JinjaRenderer(templates)


@pytest.fixture
def story(library: Library) -> Story:
    languages = library.manifest.languages
    return Story(
        reference="INC-2026-0007",
        zone="Europe/Paris",
        started_at=datetime(2026, 11, 18, 21, 0, tzinfo=UTC),
        ended_at=datetime(2026, 11, 20, 5, 0, tzinfo=UTC),
        found_at=datetime(2026, 11, 20, 6, 40, tzinfo=UTC),
        aware_at=datetime(2026, 11, 20, 8, 10, tzinfo=UTC),
        cause="stolen_token",
        breach_types=("confidentiality",),
        ring="proven",
        scope_digest="sha256:scope",
        measures=(
            Step(
                dict.fromkeys(languages, "Blocage : clé 4, access closed"),
                datetime(2026, 11, 20, 7, 5, tzinfo=UTC),
                None,
            ),
            Step(
                dict.fromkeys(languages, "New keys"),
                None,
                datetime(2026, 12, 1, 11, 0, tzinfo=UTC),
            ),
        ),
        words={
            language: Words("Key 12 was used.\n\nFor 32 hours.", ("Passwords of 2025",))
            for language in languages
        },
        authority_told=True,
        complaint_filed=True,
        organisation="Exemple & Fils",
        domains=("exemple.example",),
        dpo=Contact("Ada Martin", "dpo@exemple.example", "+33 1 99 00 10 03"),
        authority=Office(
            "Commission nationale de l’informatique et des libertés (CNIL)",
            "3 place de Fontenoy, TSA 80715, 75334 Paris Cedex 07",
            "+33 1 53 73 22 22",
            "https://www.cnil.fr/",
        ),
        labels={
            category: dict.fromkeys(languages, category)
            for category in library.advice.categories
        },
        languages=languages,
    )

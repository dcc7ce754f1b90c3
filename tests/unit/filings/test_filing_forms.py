"""The CNIL form as data: whole, consistent, and in the authority's own words."""

from pathlib import Path

import pytest

from breachdesk.filings import reading
from breachdesk.filings.terms import Form
from breachdesk.kernel.errors import Unknown, Unusable
from breachdesk.law.reading import read_packs
from breachdesk.risk import terms as risk

TEMPLATES = Path(__file__).parents[3] / "templates"
FOLDER = TEMPLATES / "filings" / "cnil" / "2023"

PUBLISHED = {
    "natures": (
        "Perte de la confidentialité",
        "Perte de l'intégrité",
        "Perte de la disponibilité",
    ),
    "origins": (
        "Equipement perdu ou volé",
        "Papier perdu, volé ou laissé accessible dans un endroit non sécurisé",
        "Courrier perdu ou ouvert avant d'être retourné à l'envoyeur",
        "Piratage, logiciel malveillant (par exemple rançongiciel) et/ou hameçonnage",
        (
            "Mise au rebut de documents papier contenant des données personnelles "
            "sans destruction physique"
        ),
        (
            "Mise au rebut d'appareils numériques contenant des données personnelles "
            "sans effacement sécurisé"
        ),
        "Publication non volontaire d'informations",
        "Données de la mauvaise personne affichées sur le portail du client",
        "Données personnelles envoyées à un mauvais destinataire",
        "Informations personnelles divulguées de façon verbale",
        "Autre",
    ),
    "causes": (
        "Acte interne malveillant",
        "Acte interne accidentel",
        "Acte externe malveillant",
        "Acte externe accidentel",
        "Autre",
        "Inconnu",
    ),
    "data_categories": (
        "Etat civil (ex : nom, sexe, date de naissance, âge...)",
        "NIR (Numéro d'Inscription au Répertoire)",
        (
            "Coordonnées (ex : adresse postale ou électronique, numéros de téléphone fixe ou "
            "portable...)"
        ),
        (
            "Données d’identification ou d’accès (ex : identifiant, mot de passe, numéro "
            "client...)"
        ),
        (
            "Données relatives à des informations financières (ex : revenus, numéro de carte "
            "de crédit, coordonnées bancaires), économiques"
        ),
        "Documents officiels (Passeports, pièces d’identité, etc.)",
        "Données de localisation",
        "Données relatives à des infractions, condamnations, mesures de sûreté",
        "Les données concernées ne sont pas connues pour le moment",
        "La violation concerne d'autres données",
    ),
    "communication_statuses": (
        "Oui, les personnes ont été informées",
        "Non, mais elles le seront",
        "Non ils ne le seront pas",
        "Non déterminé pour le moment",
    ),
}
SECTORS_SEEN = {
    "C": "Industrie manufacturière",
    "D": "Production et distribution d'électricité, de gaz, de vapeur et d'air conditionné",
    "G": "Commerce ; réparation d'automobiles et de motocycles",
    "H": "Transports et entreposage",
    "K": "Activités financières et d'assurance",
    "L": "Activités immobilières",
    "M": "Activités spécialisées, scientifiques et techniques",
    "N": "Activités de services administratifs et de soutien",
    "O": "Administration publique",
    "P": "Enseignement",
    "Q": "Santé humaine et action sociale",
    "R": "Arts, spectacles et activités récréatives",
    "S": "Autres activités de services",
}


@pytest.fixture(scope="module")
def form() -> Form:
    return reading.form(TEMPLATES, "cnil-2023")


def straight(label: str) -> str:
    return label.replace("’", "'")


class TestTheCnilForm:
    def test_has_fourteen_sections_none_empty(self, form: Form) -> None:
        assert [section.number for section in form.sections] == list(range(1, 15))
        assert all(section.fields for section in form.sections)

    @pytest.mark.parametrize("name", sorted(PUBLISHED))
    def test_words_its_choices_as_the_open_data_do(self, form: Form, name: str) -> None:
        ours = [straight(choice.label) for choice in form.lists[name]]

        assert ours == [straight(label) for label in PUBLISHED[name]]

    def test_words_the_sectors_as_the_open_data_do(self, form: Form) -> None:
        ours = {choice.code: straight(choice.label) for choice in form.lists["sectors"]}

        assert list(ours) == list("ABCDEFGHIJKLMNOPQRSTU")
        assert {code: ours[code] for code in SECTORS_SEEN} == SECTORS_SEEN

    def test_proposes_choices_from_facts_that_the_risk_station_knows(self, form: Form) -> None:
        vocabulary = {
            "breach_types": {*risk.BreachType},
            "cause": {*risk.Cause},
            "data_categories": {*risk.Category},
            "special_categories": {*risk.SpecialCategories},
            "vulnerable": {*risk.Vulnerable},
            "service_impact": {*risk.ServiceImpact},
            "exfiltration": {*risk.Exfiltration},
            "access": {*risk.Access},
            "recipient_kind": {*risk.RecipientKind},
            "publication": {*risk.Publication},
            "consequences": {*risk.Consequence},
        }
        yes_no = {
            "malicious", "publicly_disclosed", "targeted_or_misused", "permanent_loss",
            "relied_on",
        }  # fmt: skip
        for choices in form.lists.values():
            for conditions in (each for choice in choices for each in choice.proposed_by):
                for name, values in conditions.items():
                    if name in yes_no:
                        assert set(values) <= {True, False}
                    else:
                        assert set(values) <= {str(each) for each in vocabulary[name]}

    def test_names_addressees_that_the_law_packs_know(self, form: Form) -> None:
        known = {duty.addressee for pack in read_packs(None).packs for duty in pack.duties}
        named = {
            addressee
            for section in form.sections
            for field in section.fields
            for addressee in field.addressees
        }

        assert named
        assert named <= known

    def test_asks_somebody_for_every_field(self, form: Form) -> None:
        asked = {field.ask for section in form.sections for field in section.fields}

        assert asked == set(form.asks)


class TestReading:
    def spoilt(self, folder: Path, old: str, new: str) -> Unusable:
        text = (FOLDER / "filing.toml").read_text("utf-8")
        assert old in text
        (folder / "filing.toml").write_text(text.replace(old, new, 1), "utf-8")
        with pytest.raises(Unusable) as refused:
            reading.read_form(folder)
        assert refused.value.problems[0].file == str(folder / "filing.toml")
        return refused.value

    def test_names_an_unknown_key(self, tmp_path: Path) -> None:
        refused = self.spoilt(tmp_path, 'unknown = "undetermined"', 'unkown = "undetermined"')

        assert refused.problems[0].field == "sections[7].fields[3].unkown"
        assert "not a key" in str(refused)

    @pytest.mark.parametrize(
        ("old", "new", "field"),
        [
            ('list = "kinds"', 'list = "sorts"', "sections[0].fields[0].list"),
            ('ask = "dpo"', 'ask = "nobody"', "sections[0].fields[0].ask"),
            ("number = 2", "number = 3", "sections"),
            ("schema = 1", "schema = 9", "schema"),
            ('fact = "late"', 'fact = "early"', "sections[5].fields[7].when[0].fact"),
            (
                'any_of = ["complementary", "withdrawal"]',
                'any_of = ["another"]',
                "sections[0].fields[1].when[0].any_of",
            ),
            (
                'code = "controller.legal_name"',
                'code = "filing.kind"',
                "sections[1].fields[1].code",
            ),
            ('unknown = "unknown_yet"', 'unknown = "perhaps"', "sections[7].fields[0].unknown"),
            (
                '{code = "madame"',
                '{code = "monsieur"',
                "lists.civilities",
            ),
            (
                'when = [{fact = "late"}]',
                "when = [{}]",
                "sections[5].fields[7].when[0]",
            ),
            (
                'field = "timeline.ongoing", any_of = [false]',
                'field = "timeline.ongoing", any_of = ["no"]',
                "sections[5].fields[2].when[1].any_of",
            ),
        ],
    )
    def test_names_the_field_that_does_not_hold_together(
        self, tmp_path: Path, old: str, new: str, field: str
    ) -> None:
        assert self.spoilt(tmp_path, old, new).problems[0].field == field

    def test_refuses_what_is_not_toml(self, tmp_path: Path) -> None:
        assert "not TOML" in str(self.spoilt(tmp_path, "schema = 1", "schema ="))

    def test_takes_a_corrected_label_from_an_edited_copy(self, tmp_path: Path) -> None:
        folder = tmp_path / "filings" / "cnil" / "2023"
        folder.mkdir(parents=True)
        text = (FOLDER / "filing.toml").read_text("utf-8")
        (folder / "filing.toml").write_text(text.replace("Inconnu", "Indéterminé"), "utf-8")

        form = reading.form(tmp_path, "cnil-2023")

        assert form.lists["causes"][-1].label == "Indéterminé"
        assert reading.form_folder(tmp_path, form) == folder

    def test_names_the_forms_there_are(self) -> None:
        with pytest.raises(Unknown, match="cnil-2023"):
            reading.form(TEMPLATES, "cnil-1978")

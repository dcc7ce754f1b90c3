"""What each check says: what is wrong, and what to write instead.

`{}` is what was found; `{authority}` and `{dpo}` are where both are really reached.
"""

from breachdesk.notices.terms import Texts

SAY: dict[str, Texts] = {
    "foreign_link": {
        "fr": "Retirez cette adresse, ni la vôtre ni celle d’un service public cité : {}. Si "
        "elle est à vous, nommez-la dans la carte des données (organisation.domains).",
        "en": "Remove this address, which is neither yours nor a public service’s we name: {}. "
        "If it is yours, name it in the data map (organisation.domains).",
    },
    "link": {
        "fr": "Retirez ce lien ; écrivez l’adresse à taper soi-même : {}",
        "en": "Remove this link; write the address to type oneself: {}",
    },
    "login_link": {
        "fr": "Retirez ce lien vers une page de connexion : {}. Écrivez plutôt : « Tapez "
        "vous-même notre adresse dans votre navigateur, puis connectez-vous. »",
        "en": "Remove this link to a log-in page: {}. Write instead: “Type our address into "
        "your browser yourself, then sign in.”",
    },
    "remote_content": {
        "fr": "Retirez du modèle HTML ce qui charge, suit ou exécute quelque chose : {}",
        "en": "Remove from the HTML template what fetches, tracks or runs something: {}",
    },
    "attachment": {
        "fr": "N’annoncez aucune pièce jointe ; retirez « {} » et écrivez dans le message même "
        "ce qu’elle dirait.",
        "en": "Announce no attachment; remove “{}” and write in the message itself what it "
        "would say.",
    },
    "parts_differ": {
        "fr": "Faites dire la même chose au texte et au HTML ; ils diffèrent à partir de : "
        "« {} ». Recopiez cette phrase dans l’autre partie, ou retirez-la.",
        "en": "Make text and HTML say the same; they differ from: “{}”. Copy this sentence "
        "into the other part, or remove it.",
    },
    "size": {
        "fr": "Raccourcissez le message : au-delà de 80 000 octets, il serait coupé ; octets "
        "de trop : {}.",
        "en": "Shorten the message: beyond 80,000 bytes it would be cut; bytes too many: {}.",
    },
    "subject": {
        "fr": "Donnez un objet d’une ligne, de 1 à 78 caractères ; il en a {}.",
        "en": "Give a subject of one line, of 1 to 78 characters; it has {}.",
    },
    "languages_differ": {
        "fr": "Mettez les langues d’accord : ces nombres diffèrent de l’autre version : {}.",
        "en": "Make the languages agree: these numbers differ from the other version: {}.",
    },
    "long_sentence": {
        "fr": "Coupez cette phrase en deux ; elle commence par : « {} ».",
        "en": "Cut this sentence in two; it begins: “{}”.",
    },
    "readability": {
        "fr": "Écrivez des phrases plus courtes, de 22 mots en moyenne au plus ; "
        "celles-ci en ont {}.",
        "en": "Write shorter sentences, of 22 words on average at most; these have {}.",
    },
    "contradiction": {
        "fr": "Ces données du lecteur sont touchées, et le message dit le contraire : {}. "
        "Retirez la phrase de ce qui n’a pas été touché (not_touched).",
        "en": "These data of the reader were affected, and the notice says they were not: {}. "
        "Remove the sentence from what was not affected (not_touched).",
    },
    "no_risk": {
        "fr": "Ne promettez pas l’absence de risque ; retirez « {} ». Écrivez plutôt : « Voici "
        "ce qui est possible avec ces données. »",
        "en": "Do not promise that there is no risk; remove “{}”. Write instead: “This is what "
        "is possible with these data.”",
    },
    "authority_told": {
        "fr": "Aucune notification à l’autorité n’est enregistrée : enregistrez-la si elle est "
        "faite, sinon retirez « {} ».",
        "en": "No notification to the authority is recorded: record it if it was made, else "
        "remove “{}”.",
    },
    "complaint_filed": {
        "fr": "Aucune plainte n’est enregistrée : enregistrez-la si elle est déposée, sinon "
        "retirez « {} ».",
        "en": "No complaint to the police is recorded: record it if it was filed, else remove "
        "“{}”.",
    },
    "password": {
        "fr": "Aucun mot de passe de ce lecteur n’a été exposé ; retirez « {} ».",
        "en": "No password of this reader was exposed; remove “{}”.",
    },
    "encrypted": {
        "fr": "Une empreinte n’est pas un chiffrement ; remplacez « {} » par « empreinte de "
        "votre mot de passe ».",
        "en": "A hash is not encryption; replace “{}” by “a hash of your password”.",
    },
    "reset_forced": {
        "fr": "Aucune réinitialisation n’est enregistrée parmi les mesures prises : "
        "enregistrez-la si elle est faite, sinon retirez « {} ».",
        "en": "No reset is recorded among the measures taken: record it if it was made, else "
        "remove “{}”.",
    },
    "leak_checker": {
        "fr": "N’envoyez pas le lecteur vers un site de vérification de fuites ; "
        "retirez « {} ».",
        "en": "Do not send readers to a leak-checking site; remove “{}”.",
    },
    "authority_address": {
        "fr": "L’autorité n’est pas à « {} » ; écrivez : {authority}.",
        "en": "The authority is not at “{}”; write: {authority}.",
    },
    "dpo_address": {
        "fr": "Le délégué à la protection des données enregistré n’a pas l’adresse {} ; "
        "écrivez : {dpo}",
        "en": "The recorded data protection officer does not have the address {}; write: {dpo}",
    },
}

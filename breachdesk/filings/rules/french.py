"""A filing in French."""

from breachdesk.filings.rules.speech import Speech

FRENCH = Speech(
    locale="fr",
    colon="\u00a0:",
    semicolon="\u00a0; ",
    both=" et ",
    quotes=("«\u00a0", "\u00a0»"),
    thousands="\u202f",
    day_pattern="dd/MM/yyyy",
    moment_pattern="{day} à {hour}",
    singular=frozenset({0, 1}),
    nouns={
        "person": ("personne", "personnes"),
        "record": ("enregistrement", "enregistrements"),
        "byte": ("octet", "octets"),
        "unread_row": ("ligne de journal illisible", "lignes de journal illisibles"),
        "unknown_person": ("identifiant inconnu", "identifiants inconnus"),
        "system": ("Système concerné", "Systèmes concernés"),
    },
    said={
        "yes": "Oui",
        "no": "Non",
        "clock": "fuseau {zone}",
        "clock Europe/Paris": "heure de Paris",
        "officer": "Délégué à la protection des données",
        "processor": "{name}, sous-traitant ({does})",
        # when a measure was taken
        "done": " (fait le {moment})",
        "planned": " (prévu pour le {moment})",
        # the instants of the breach
        "started_at": "Début de la violation",
        "ended_at": "Fin de la violation",
        "detected_at": "Premier signe technique",
        "aware_at": "Prise de connaissance de la violation de données",
        "qualified_at": "Qualification en interne",
        "first sign": "Premier signe technique relevé le {moment}.",
        "established": "La violation de données a été établie avec un degré raisonnable de "
        "certitude le {moment}\u00a0: le délai de 72\u00a0heures court à compter de cet "
        "instant.",
        "qualified": "Violation qualifiée en interne le {moment}.",
        "hours": "Les heures indiquées sont celles de la zone {zone}.",
        "hours Europe/Paris": "Les heures indiquées sont celles de Paris.",
        "found at once": "L’incident a été détecté et la violation de données à caractère "
        "personnel établie au même instant, le {moment}.",
        "found": "Un premier signe technique a été relevé le {detected}. Les vérifications ont "
        "permis d’établir, le {aware}, avec un degré raisonnable de certitude, que des données "
        "à caractère personnel étaient concernées.",
        "began": "La violation a commencé le {began} ({clock}).",
        "lasted": "La violation s’est déroulée du {began} au {ended} ({clock}).",
        # what was reached, and whose
        "systems": "{systems}\u00a0: {names}.",
        "data": "Données concernées\u00a0: {labels}.",
        "proven": "D’après les journaux et les fichiers, les données de {people} ont été "
        "atteintes ({records}).",
        "reachable": "D’après les journaux et les fichiers, les données de {people} pouvaient "
        "être atteintes.",
        "population": "Les fichiers concernés portent sur {people}.",
        "in reach": " L’accès permettait d’atteindre les données de {people} au total.",
        "ring proven": "personnes dont les données ont été atteintes, selon les traces "
        "relevées",
        "ring reachable": "personnes dont les données pouvaient être atteintes",
        "ring population": "ensemble des personnes présentes dans les fichiers concernés",
        "counts": "Dénombrement\u00a0: {ring}.",
        "exact": "Dénombrement exact\u00a0: {ring}.",
        "approximate": "Nombre approximatif\u00a0: {ring}, à {doubts} près.",
        "as processor": "Dont {people} dont les données sont traitées en qualité de "
        "sous-traitant. Chaque client, responsable du traitement, notifie pour ses propres "
        "données.",
        "heightened": "Le NIR et les données d’infraction ne relèvent pas de l’article 9 du "
        "RGPD, mais la CNIL les traite comme hautement sensibles.",
        "own category": "{label} ({people})",
        # whom the message did not reach
        "missed one": "Sur {everyone}, {total} n’a pas reçu ce message\u00a0: {reasons}.",
        "missed": "Sur {everyone}, {total} n’ont pas reçu ce message\u00a0: {reasons}.",
        "missed no_address": "sans adresse électronique connue",
        "missed unusable_address": "dont l’adresse est inutilisable",
        "missed excluded": "écartées de l’envoi",
        "missed customer_informs": "dont l’information revient au client, responsable du "
        "traitement",
        "missed waiting": "en attente d’envoi",
        "missed cancelled": "dont l’envoi a été annulé",
        "missed rejected": "dont le message a été refusé",
        "missed blocked": "dont l’envoi est bloqué",
        "missed bounced": "dont le message est revenu en erreur",
        "missed dropped": "dont le message a été écarté par le prestataire d’envoi",
        "missed in_doubt": "pour lesquelles l’envoi est incertain",
        # what to look at before a text is copied
        "examine": "À examiner\u00a0: {others}.",
        "refused": "Réponse que le formulaire n’admet pas ici\u00a0: {label}.",
        "too long": "Le texte compte {length} caractères\u00a0; au-delà de {limit}, le "
        "téléservice pourrait le tronquer ou le refuser.",
        "not shown": "Libellé à vérifier à l’écran\u00a0: {label}.",
        "as typed": "Texte repris tel qu’il a été saisi\u00a0: vérifiez qu’il est en français.",
        "names another": "Le texte saisi pour l’incident nomme un autre client\u00a0: il n’est "
        "pas repris, écrivez-en un pour celui-ci.",
        "for everyone": "Texte saisi pour l’incident entier\u00a0: relisez-le, rien d’un autre "
        "client ne doit y figurer.",
        # where a value comes from
        "source fact": "faits de l’incident",
        "source scope": "mesure du périmètre",
        "source delivery": "envois aux personnes",
        "source measure": "mesures consignées",
        "source risk": "évaluation du risque",
        "source datamap": "cartographie des données",
        "source notice": "message aux personnes",
        "source obligation": "obligations",
        "source filing": "dépôt",
        "source nobody": "",
        "typed by": "saisi par {by}",
        "confirmed by": "{source}, confirmé par {by}",
        # the frame of a document
        "incident": "Incident",
        "company": "Organisme",
        "draft": "Brouillon",
        "edition": "Version",
        "draft number": "nº\u00a0{number}, établi le {moment} ({clock})",
        "form": "Formulaire",
        "digest": "Empreinte",
        "foot": "{reference}, brouillon nº\u00a0{number}, formulaire {form}",
        "clean foot": "{reference}, version nº\u00a0{number}",
        "mark": "Repère",
        "value": "Valeur",
        "page": "page",
        "prepares": "Ce document prépare le dépôt, il ne le remplace pas\u00a0: {channel}.",
        "copy": "Recopiez chaque champ dans l’ordre, cochez-le, puis consignez dans BreachDesk "
        "le numéro que l’autorité aura attribué. Les réponses marquées «\u00a0à "
        "confirmer\u00a0» découlent des faits connus\u00a0: relisez-les avant de les "
        "reprendre.",
        "handed": "Ceci est la copie de travail. Une fois chaque réponse exigée donnée et "
        "chaque proposition confirmée, le document ne montre plus ni origines ni cases, et "
        "peut être remis.",
        "decide": "La décision de notifier et le contenu du dépôt restent de la responsabilité "
        "de l’organisme.",
        "click": "Un clic sur une réponse la sélectionne en entier.",
        "field": "Champ",
        "before": "Dépôt précédent",
        "to type": "À saisir",
        "origin": "Origine",
        "copied": "Copié",
        "lacking one": "Il manque une réponse",
        "lacking": "Il manque {count} réponses",
        "lacks": "Manque (à demander\u00a0: {whom})",
        "lacks in": "Section {section}, {label} (à demander\u00a0: {whom})",
        "whole": "Toutes les réponses obligatoires sont là.",
        "unchanged": "Rien n’a changé depuis le dernier dépôt connu.",
        "aside": "Sans objet ici\u00a0: {labels}.",
        "taken out": "retiré depuis le dernier dépôt",
        "optional": "sans réponse (facultatif)",
        "confirm": "À confirmer",
        "required": "obligatoire",
        "required mark": "* réponse obligatoire.",
        "undrawn": "Caractères non dessinés.",
        "undrawn list": "Les polices de ce document n’ont pas de dessin pour les caractères "
        "ci-après\u00a0; ils sont remplacés par leur numéro Unicode entre crochets. Les "
        "versions HTML et JSON les portent tels quels\u00a0: {characters}.",
    },
)

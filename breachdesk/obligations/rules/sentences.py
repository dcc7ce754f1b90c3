"""The sentences of the explanations, in French and in English."""

DAYS = {
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}

MONTHS = {
    "fr": (
        "janvier", "février", "mars", "avril", "mai", "juin",
        "juillet", "août", "septembre", "octobre", "novembre", "décembre",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
}  # fmt: skip

UNITS = {
    "fr": {
        "elapsed_hours": ("heure", "heures", "Un nombre d’heures"),
        "calendar_days": ("jour civil", "jours civils", "Un nombre de jours"),
        "working_days": ("jour ouvrable", "jours ouvrables", "Un nombre de jours ouvrables"),
        "calendar_months": ("mois", "mois", "Un nombre de mois"),
        "qualitative": ("", "", "Sans retard indu"),
    },
    "en": {
        "elapsed_hours": ("hour", "hours", "A number of hours"),
        "calendar_days": ("calendar day", "calendar days", "A number of days"),
        "working_days": ("working day", "working days", "A number of working days"),
        "calendar_months": ("month", "months", "A number of months"),
        "qualitative": ("", "", "Without undue delay"),
    },
}
"""One, several, and where the number is not known."""

SENTENCES: dict[str, dict[str, str]] = {
    "hours": {
        "fr": "{period} écoulées à partir de : {trigger}, le {start}, soit jusqu’au {due}. "
        "Les nuits, les week-ends et les jours fériés comptent.",
        "en": "{period}, as they pass, from {trigger} on {start}: until {due}. "
        "Nights, week-ends and public holidays count.",
    },
    "days": {
        "fr": "{period} à partir de : {trigger}, le {start}, ce jour non compris, "
        "soit jusqu’à la fin du {last}.",
        "en": "{period} from {trigger} on {start}, that day not counted: "
        "until the end of {last}.",
    },
    "qualitative": {
        "fr": "Le texte ne fixe aucun nombre d’heures : sans retard indu à partir de : "
        "{trigger}, le {start}.",
        "en": "The text sets no number of hours: without undue delay from {trigger} on "
        "{start}.",
    },
    "qualitative_waiting": {
        "fr": "Sans retard indu à partir de : {trigger}, ce qui n’a pas encore eu lieu.",
        "en": "Without undue delay from {trigger}, which has not happened yet.",
    },
    "waiting": {
        "fr": "{period} à partir de : {trigger}, ce qui n’a pas encore eu lieu.",
        "en": "{period} from {trigger}, which has not happened yet.",
    },
    "no_amount": {
        "fr": "La durée n’est pas connue ; indiquez : {fact}.",
        "en": "How long is not known; tell {fact}.",
    },
    "fulfilment_of": {
        "fr": "l’accomplissement de {duty}",
        "en": "the fulfilment of {duty}",
    },
    "clocks_forward": {
        "fr": "L’heure change dans l’intervalle ({day}, passage à l’heure d’été) : une heure "
        "manque au cadran, et l’échéance y paraît une heure plus tard.",
        "en": "The clocks change inside the period ({day}, forward): the clock skips time, "
        "so that the deadline reads later on it.",
    },
    "clocks_back": {
        "fr": "L’heure change dans l’intervalle ({day}, passage à l’heure d’hiver) : une heure "
        "passe deux fois au cadran, et l’échéance y paraît une heure plus tôt.",
        "en": "The clocks change inside the period ({day}, back): the clock repeats time, "
        "so that the deadline reads earlier on it.",
    },
    "hour_rounded": {
        "fr": "En heures pleines, sans l’heure de l’événement (règlement 1182/71, "
        "art. 3, par. 1), on lirait {rounded}.",
        "en": "In whole hours, without the hour of the event (Regulation 1182/71 art. 3(1)), "
        "one would read {rounded}.",
    },
    "working_days": {
        "fr": "S’il faut deux jours ouvrables (art. 3, par. 5, discuté), on lirait {touched} "
        "si des jours entamés suffisent, {full} s’il les faut entiers.",
        "en": "If two working days must lie inside (art. 3(5), disputed), one would read "
        "{touched} where days begun suffice, {full} where they must be whole.",
    },
    "not_a_target": {
        "fr": "Ce sont des arguments, non un objectif : seule la première échéance compte.",
        "en": "These are arguments, not a target: the first instant is the deadline.",
    },
    "not_governed": {
        "fr": "Le règlement 1182/71 ne régit que les actes de l’Union ; ici ces lectures ne "
        "servent que de comparaison.",
        "en": "Regulation 1182/71 governs acts of the Union alone; here these readings only "
        "serve to compare.",
    },
    "no_calendar": {
        "fr": "Aucun calendrier de jours fériés n’est disponible pour {zone} : les lectures en "
        "jours ouvrables ne sont pas données.",
        "en": "No calendar of public holidays is at hand for {zone}: the readings in working "
        "days are not given.",
    },
    "rolled": {
        "fr": "Ce jour n’étant pas ouvrable, on peut soutenir que le délai court jusqu’à la "
        "fin du {day} (règlement 1182/71, art. 3, par. 4) : un argument, non un objectif.",
        "en": "As that is no working day, one may argue for the end of {day} (Regulation "
        "1182/71 art. 3(4)): an argument, not a target.",
    },
    "aim": {
        "fr": "Notre propre objectif, que la loi ne fixe pas : {aim}.",
        "en": "Our own aim, which the law does not set: {aim}.",
    },
    "late_needs_reasons": {
        "fr": "Au-delà, on notifie quand même, sans attendre, en donnant les motifs du retard.",
        "en": "After that one still notifies, at once, and gives the reasons for the delay.",
    },
    "expectation": {
        "fr": "C’est une attente de l’autorité, un rappel utile ; ce n’est pas un délai légal.",
        "en": "This is what the authority hopes for, a useful reminder; the law sets no such "
        "limit.",
    },
    "contract": {
        "fr": "Ce délai vient d’un contrat, non de la loi.",
        "en": "This period comes from a contract, not from the law.",
    },
    "voluntary": {
        "fr": "Ce texte n’oblige pas encore ici : la démarche est volontaire.",
        "en": "This text does not bind here yet: the step is voluntary.",
    },
    "proposed": {
        "fr": "Ce n’est qu’une proposition, pas encore la loi.",
        "en": "This is a proposal, not law.",
    },
    "no_risk_yet": {
        "fr": "Le niveau de risque n’est pas encore établi par une évaluation signée : "
        "l’obligation est montrée au pire.",
        "en": "The level of risk is not yet established by a signed assessment: the duty is "
        "shown at the worst.",
    },
    "day_only": {
        "fr": "L’heure n’est pas connue : 00 h 00 de ce jour est retenu.",
        "en": "The hour is not known: 00:00 of that day is taken.",
    },
    "assumed": {
        "fr": "Non renseigné, et pris de sorte que l’obligation naît : {facts}.",
        "en": "Not told, and taken so that the duty arises: {facts}.",
    },
}

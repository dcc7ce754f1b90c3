"""What can be done to a campaign and to its chunks.

People freeze, start, pause, resume, cancel and decide. Errands claim, begin, settle, reclaim
and resolve; they hold no state, so any of them may die after any command.
"""

from breachdesk.delivery.commands.campaigns import (
    cancel,
    decide,
    pause,
    resume,
    start,
    take_back,
)
from breachdesk.delivery.commands.chunks import begin, claim, reclaim, resolve, settle
from breachdesk.delivery.commands.customers import customers_to_tell
from breachdesk.delivery.commands.handing import NothingToFetch, hand_over, offer_list
from breachdesk.delivery.commands.hearing import hear
from breachdesk.delivery.commands.lettering import print_letters
from breachdesk.delivery.commands.moving import Lost, NothingWaits
from breachdesk.delivery.commands.pacing import NothingToNote, set_pace, watch
from breachdesk.delivery.commands.previewing import preview
from breachdesk.delivery.commands.proving import forget_addresses, prove, tell_otherwise
from breachdesk.delivery.commands.publishing import (
    NotPublished,
    publish,
    waive_page,
    withdraw,
)
from breachdesk.delivery.commands.restoring import hold_restored
from breachdesk.delivery.commands.taking_over import freeze
from breachdesk.delivery.commands.trying import (
    NoGuest,
    allow_test,
    look_ahead,
    note_trial,
    read_list,
)
from breachdesk.delivery.commands.workers import (
    admit_worker,
    dismiss_worker,
    enlist_worker,
    hand_keys,
)

__all__ = [
    "Lost",
    "NoGuest",
    "NotPublished",
    "NothingToFetch",
    "NothingToNote",
    "NothingWaits",
    "admit_worker",
    "allow_test",
    "begin",
    "cancel",
    "claim",
    "customers_to_tell",
    "decide",
    "dismiss_worker",
    "enlist_worker",
    "forget_addresses",
    "freeze",
    "hand_keys",
    "hand_over",
    "hear",
    "hold_restored",
    "look_ahead",
    "note_trial",
    "offer_list",
    "pause",
    "preview",
    "print_letters",
    "prove",
    "publish",
    "read_list",
    "reclaim",
    "resolve",
    "resume",
    "set_pace",
    "settle",
    "start",
    "take_back",
    "tell_otherwise",
    "waive_page",
    "watch",
    "withdraw",
]

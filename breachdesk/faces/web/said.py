"""The sentences of the stations, in the language of the reader."""

import re

from flask_babel import lazy_gettext as later

from breachdesk.kernel.errors import Problem

SENTENCES = tuple(
    (re.compile(pattern), sentence)
    for pattern, sentence in (
        (r"is missing", later("Please fill this in.")),
        (r"(?P<at>\S+) is in the future", later("This lies in the future.")),
        (
            r"is empty; say in a few words what happened",
            later("The title is empty. Say in a few words what happened."),
        ),
        (
            r"has (?P<count>\d+) characters; (?P<most>\d+) at most",
            later("The title has %(count)s characters; %(most)s at most."),
        ),
        (
            r"'(?P<name>.*)' is not a time zone; .*",
            later("“%(name)s” is not a time zone. Write it like Europe/Paris."),
        ),
        (
            r"\S+ is after aware_at \S+",
            later("This is later than the moment you became aware."),
        ),
        (r"\S+ is after ended_at \S+", later("This is later than the end.")),
        (r"\S+ is after qualified_at \S+", later("This is later than the qualification.")),
        (
            r".+ is not an instant; .*|the time .+ has no offset; .*|.* valid datetime.*",
            later("This is not a date and a time."),
        ),
        (r"there is no incident '(?P<name>.*)'", later("There is no incident %(name)s.")),
        (
            r"'.*' is not a language of the desk: .*",
            later("The desk speaks French and English."),
        ),
        (
            r"a task is skipped for a reason; .*",
            later("A task is left out for a reason: say which."),
        ),
        (
            r".+ has approved already; another member must",
            later("You have approved. Another member must."),
        ),
        (
            r"the notice is not approved yet .*",
            later("The notice is not approved yet: two members must approve it first."),
        ),
        (
            r".+ can become .+, not .+",
            later("This has been done already, or cannot be done any more."),
        ),
        (
            r"the facts have changed since the draft.*",
            later("The facts have changed since it was drafted. Draft it again."),
        ),
        (
            r"the facts have changed since the approval .*; draft it again",
            later("The facts have changed since the approval. Draft the notice again."),
        ),
        (
            r"the facts have changed since the approval .*; cancel .*",
            later(
                "The facts have changed since the approval. End this campaign, then draft the "
                "notice again."
            ),
        ),
        (r".+ is closed; reopen it first", later("The incident is closed. Reopen it first.")),
        (
            r"a correction has a reason; .*",
            later("A correction has a reason: say why it was otherwise before."),
        ),
        (r"nothing would change", later("Nothing would change.")),
        (
            r"title, zone and aware_at can be .*",
            later("Title and awareness can be corrected, not emptied."),
        ),
        (r"the timeline entry says nothing", later("The entry says nothing.")),
        (
            r".+ needs (evidence|a reason) in words",
            later("Say it in words: what proves it, or why."),
        ),
        (
            r".+ is done; what was done cannot be waived|.+ is waived already",
            later("This has been done already, or cannot be done any more."),
        ),
        (
            r"is empty; it is the authority's number",
            later("Give the number of the authority’s acknowledgement."),
        ),
        (r"(\S+ )?is in the future.*", later("This lies in the future.")),
        (r"the number .+ is recorded already", later("This number is recorded already.")),
        (r"there is no .+", later("There is nothing of that name.")),
        (
            r"somebody changed the same words meanwhile",
            later(
                "Somebody changed the same words meanwhile. "
                "Theirs is shown beneath: join both, then send."
            ),
        ),
        (
            r"has (?P<count>\d+) characters; 1 to (?P<most>\d+)",
            later("The name has %(count)s characters; 1 to %(most)s."),
        ),
        (
            r"\S+ still has open: (?P<open>.*); meet, waive or leave them out, .*",
            later(
                "Still open: %(open)s. "
                "Meet, waive or leave them out, or say why they stay open."
            ),
        ),
        (
            r"\S+ still owes (?P<duties>.*); meet or waive it first",
            later("The incident still owes %(duties)s: meet or waive it first."),
        ),
        (
            r"it is not measured yet who is affected; .*",
            later("It is not measured yet who is affected. Measure that first."),
        ),
        (
            r"nobody was told yet: .*",
            later("Nobody was told yet. The first notice comes before what follows it."),
        ),
        (
            r"nobody in the ring \w+ is in a store held as \w+",
            later("Nobody in this ring is to be told by this notice."),
        ),
        (r"say why: a decision .*|say why.*", later("Say why.")),
        (
            r"say what proves it: .*",
            later("Say what proves it: a receipt, a list, the address of a publication."),
        ),
        (r"say for what reason you look", later("Say for what reason you look.")),
        (r"nobody was told in the future", later("This lies in the future.")),
        (r"nobody is on the list", later("Nobody is on the list.")),
        (
            r"the list names somebody whom no letter was meant for",
            later("The list names somebody whom no message was meant for."),
        ),
        (
            r"no (letter|message) of .* for that person",
            later("No message was meant for this person."),
        ),
        (r".* was not alerted of .*", later("This customer was not alerted yet.")),
        (r"is not a number", later("This is not a number.")),
        (r"is less than one message an hour", later("One message an hour at least.")),
        (r"lies between 1 and 10", later("This lies between 1 and 10.")),
        (
            r"are per cents, such as 1,10|grow from above 0 to 100 %",
            later("Write growing shares in per cent, such as 1,10."),
        ),
        (
            r"lies above 0 and not above 100 %",
            later("This lies above 0 and not above 100 per cent."),
        ),
        (
            r"are written 21:00-08:00, or none|begin and end at two hours of the day",
            later("Write two different hours, such as 21:00-08:00."),
        ),
        (r"choose a file", later("Choose a file.")),
        (r"is not a text in UTF-8", later("This is no text in UTF-8.")),
        (r"is no e-mail address", later("This is no e-mail address.")),
        (r"stands twice", later("This stands twice.")),
        (
            r"the first line must name (?P<names>.*)",
            later("The first line must name the columns: %(names)s."),
        ),
        (
            r"a test goes to members .*",
            later("A test goes to members, and to guests whom the settings name, alone."),
        ),
        (
            r"the column is missing",
            later("A column is missing: customer and email must be there."),
        ),
        (r"is empty", later("A line lacks its customer or its e-mail address.")),
        (r".+ stands twice; .*", later("A customer stands twice. Give each one address.")),
        (r"is no PDF, picture.*", later("Give a PDF, a picture, a document or a text.")),
        (r"is not known here.*", later("This field is not known here.")),
        (
            r"\w+ was tried too often; it may be tried again in (?P<seconds>\d+) s",
            later("This was tried too often. Try again in %(seconds)s seconds."),
        ),
        (
            r"the database cannot be used now: its disk is full; .*",
            later(
                "The disk of the desk is full. Nothing was changed: make room, then try again."
            ),
        ),
        (
            r"the database cannot be used now: .*",
            later("The database does not answer. Nothing was changed: try again in a moment."),
        ),
        (r".+ may not run [\w.]+", later("Your roles do not permit this. The trail notes it.")),
        (
            r"check which store of the data map these people are in",
            later("Check which store of the data map these people are in."),
        ),
        (
            r"check which categories of data each of them lost",
            later("Check which data of each of them was lost."),
        ),
        (
            r"check that the routes of the data map know these files; .*",
            later(
                "Check that the routes of the data map know these files; `under` says what "
                "goes before each."
            ),
        ),
        (
            r"instants have no offset; check the zone they were written in",
            later("The instants have no offset from UTC. Check the zone they were written in."),
        ),
        (
            r"no column tells who asked; .*",
            later("No column tells who asked. Name token, account, ip or user_agent."),
        ),
        (
            r"no column has a key for each person; .*",
            later("No column has a key for each person. Name it in `person`."),
        ),
        (
            r"the workbook has several sheets: (?P<names>.*)",
            later("The workbook has several sheets: %(names)s."),
        ),
        (
            r"is no JSON object|is no line of this format",
            later("This is no row of its format."),
        ),
        (
            r"has (?P<count>\d+) columns, not (?P<due>\d+)",
            later("It has %(count)s columns, not %(due)s."),
        ),
        (
            r"(?P<column>.+) holds no (?:instant that can be understood|address|status)",
            later("%(column)s holds nothing that can be understood."),
        ),
        (
            r"(?P<unread>\d+) of (?P<rows>\d+) lines of evidence could not be read.*",
            later(
                "%(unread)s of %(rows)s rows of the evidence cannot be read, more than 0.1 %%. "
                "Repair the evidence, or say that it is to be measured all the same."
            ),
        ),
        (
            r".*: there is no such file|there is no such file",
            later("There is no such file among the evidence."),
        ),
        (
            r"does not name its columns in its first line; .+",
            later("The first line of this file does not name its columns."),
        ),
        (
            r"(is cut off or is not \w+|is damaged: .+); fetch it again(, or unpack it)?",
            later("This file is cut off or damaged. Fetch it again."),
        ),
        (
            r"was changed while it was read; .+",
            later(
                "This file was changed while it was read. Take a copy that nothing writes to."
            ),
        ),
        (
            r"holds several values in one; .+",
            later("This column holds several values in one. Name one inside, or flatten it."),
        ),
        (
            r"row (?P<row>\d+) is broken or has no \w+",
            later("Row %(row)s is broken or has no key."),
        ),
        (
            r"row (?P<row>\d+) holds no instant that can be understood; .+",
            later(
                "Row %(row)s holds no instant that can be understood. "
                "Write its offset, or name a zone."
            ),
        ),
        (
            r"is empty; name a token, ip, account or user_agent of theirs",
            later(
                "Say how the intruder is known: a token, an address, an account or an agent."
            ),
        ),
        (
            r"has no column (?P<name>.+?); the nearest is (?P<near>.+)",
            later("There is no column %(name)s. The nearest is %(near)s."),
        ),
    )
)
"""What a station says, and how it is said here; anything else is shown as it was said."""


def problem(found: Problem) -> tuple[str, str | None]:
    """Return the sentence for a problem, and its language where it is not the reader's."""
    for pattern, sentence in SENTENCES:
        match = pattern.fullmatch(found.problem)
        if match:
            return str(sentence) % match.groupdict(), None
    words = found.problem[:1].upper() + found.problem[1:]
    return words if words.endswith(".") else words + ".", "en"


def note(text: str) -> tuple[str, str | None]:
    """Return the sentence for what is noted of a file or a measure, with its language."""
    return problem(Problem(text))


def by_field(problems: tuple[Problem, ...]) -> dict[str, tuple[str, str | None]]:
    """Return each problem by its field; those without one stand under the empty name."""
    return {(each.field or "").partition(".")[0]: problem(each) for each in problems}

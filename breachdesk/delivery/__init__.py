"""Station 6, how it reaches people: an approved notice and a list in, the proof of each out.

A campaign is frozen from a list of people into chunks of at most 1,000 messages of one text.
The chunk is the unit of sending, of the ledger's state and of a crash; a person's row is
touched when it is frozen and when the world reports on it, never while sending.
"""

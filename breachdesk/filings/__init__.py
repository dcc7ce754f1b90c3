"""What the authority is told: forms as data, drafts, answers, snapshots, receipts.

Takes in what every earlier station knows of an incident and the authority's form as data;
gives out the form filled in, field by field, what is missing and whom to ask, and keeps what
was sent. Nothing is sent from here: the CNIL takes
breach notifications through its teleservice alone.
"""

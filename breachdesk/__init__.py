"""BreachDesk: the desk from which a company handles a personal-data breach.

A breach passes through stations that stand in one line; a station reads only what stands
before it. The kernel is what every station stands on. Audit is the one door to a write.
Access says who may run which command. Law is what the law says, as dated and sourced data.
The data map is what we hold, about whom, in which role. Incidents hold the facts, corrected
and never rewritten. Scoping finds the people and their data; risk says how bad it is for
them; obligations say what must be done and by when. Runbooks become tasks, notices are
drafted, checked and approved by two, delivery tells each person once. Filings tell the
authority, and the register keeps the record that proves it.
"""

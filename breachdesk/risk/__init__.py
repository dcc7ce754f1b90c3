"""How bad, for the people: facts in, a level with the rule that fired, signed by a person.

Takes in the facts of an incident in a closed vocabulary. Gives out an assessment (unlikely,
risk or high, with reasons, a second opinion and the CNIL's two scales) and its signed versions.
"""

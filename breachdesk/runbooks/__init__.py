"""What to do now: runbooks that a team can edit become tasks with owners and hours.

Takes in Markdown from `runbooks/breaches/` and an incident. Gives out the runbook that fits
its cause, and tasks that are ticked or skipped with a reason.
"""

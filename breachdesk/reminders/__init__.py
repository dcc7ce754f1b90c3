"""Tells us before it is late: in the obligations of open incidents, out reminders given once.

What is due is computed on each look; a row is kept of each reminder that is given.
"""

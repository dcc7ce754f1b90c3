"""What is kept: the record of every breach (Art. 33(5) GDPR), notified or not, with reasons.

Takes in everything the earlier stations know. The line of an open incident is derived on each
read; the line of a closed one is frozen, and has been evidence since.
"""

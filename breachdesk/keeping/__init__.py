"""What keeps the desk itself: how long, under which hold, in which backup, with which proof.

Takes in: incidents, campaigns, measured scopes, the vault and the trail. Gives out: what goes
when and why, the purge, backups that can be restored, anchors of the trail.
"""

"""What data the organisation holds, where, about whom, how long and in which role.

Takes in a TOML file kept under version control; gives out one frozen `DataMap`.
"""

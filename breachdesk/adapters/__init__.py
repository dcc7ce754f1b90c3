"""The outside worlds, one file each, each behind one port."""

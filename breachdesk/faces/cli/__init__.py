"""The desk in a terminal: one module a station; for programs, one document on stdout."""

"""The one door to a write: takes commands in, leaves rows and a trail that shows gaps."""

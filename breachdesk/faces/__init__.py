"""Thin faces of the line: web, terminal, clock. No rule lives here, and they never meet."""

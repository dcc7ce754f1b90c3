"""The web face: server-rendered pages, closed by default, one module per station."""

"""Who may come in and run which command: organisations, members, roles as data, sessions."""

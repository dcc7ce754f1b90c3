"""What keeping does over several transactions and files: back up, restore, purge, anchor."""

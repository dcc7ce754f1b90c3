"""What every station stands on; knows no breach."""

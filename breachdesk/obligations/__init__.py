"""What must be done, by when: takes facts and law, gives obligations, none of them stored."""

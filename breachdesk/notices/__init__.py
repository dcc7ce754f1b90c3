"""What is said: takes facts, scope and words, gives notices that two have approved."""

"""Who is affected, which data of theirs, and why: questions asked of directories and logs."""

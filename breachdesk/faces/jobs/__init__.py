"""The clock: it ticks, looks at the database and does what is due. It holds no state."""

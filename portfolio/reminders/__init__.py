"""One mail a week that says what waits, in counts: what each person wants of it, what it says, and sending it."""

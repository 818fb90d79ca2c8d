"""Work that goes on after the answer: jobs in a table of the same database, done once by whichever worker is free."""

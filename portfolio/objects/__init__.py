"""Objects in the store and the rows that name them: reserved before the first byte, kept with the row, removed later."""

"""Files that come in pieces over a poor line: any process takes any piece, and what was taken is never asked for again."""

"""Staff of an employer who are no apprentices: framework and target level chosen for them, and what is due."""

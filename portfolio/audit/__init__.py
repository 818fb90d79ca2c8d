"""Who did what, to which record, when: written by every action in the same transaction."""

"""A slip: somebody reports that a piece identifies a person; two leads of the provider open it again, have it cleaned, or purge it."""

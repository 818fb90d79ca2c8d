"""The ledger: a hash chain per provider of what was done towards a qualification and decided about it, checkable without us."""

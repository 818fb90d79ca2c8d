"""The ledger: a hash chain per provider of everything that a qualification rests on, checkable without us."""

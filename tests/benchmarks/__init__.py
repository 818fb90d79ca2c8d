"""How fast it is: programs to run by hand, never part of the tests. See README.md, "How fast it is"."""

"""Continuing development: induction, supervision, refreshers, reviews learnt from, and the report of it."""

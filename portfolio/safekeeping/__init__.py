"""Seeing that everything is there, keeping a copy elsewhere, bringing it back, and moving house."""

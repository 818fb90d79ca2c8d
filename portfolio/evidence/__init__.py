"""Pieces of evidence: drafts, versions frozen when submitted, files, and the claims they make."""

"""Competency frameworks: which one is chosen for whom, ratings, links to statements."""

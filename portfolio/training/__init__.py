"""Training and continuing development: off-the-job hours, courses and places on them, what a course changed, ratings
against a competency framework, and who is due to refresh. `rules` holds what is allowed and what counts, pure."""

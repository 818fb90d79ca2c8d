"""How cohorts stand: the progress summary, the report, its exports."""

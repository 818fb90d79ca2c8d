"""One person on one standard: employer, cohort, dates, breaks, who stands around it; and the guard of its pages."""

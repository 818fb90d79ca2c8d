"""Words that are out of sight while a report is looked at: who says that a piece identifies somebody, and the seal."""

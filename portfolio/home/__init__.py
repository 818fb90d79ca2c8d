"""The page after sign-in: what waits for me, one per role."""

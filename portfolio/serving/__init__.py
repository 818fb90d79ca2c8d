"""Being served: connections and their limits, health, figures, and the checks before the first page."""

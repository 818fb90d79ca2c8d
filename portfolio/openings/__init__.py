"""Who opened which file, when and from which page: written before the first byte leaves, seen by few."""

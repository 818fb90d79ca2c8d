"""What the installation admin looks after: work in the background, as numbers and codes, never as content."""

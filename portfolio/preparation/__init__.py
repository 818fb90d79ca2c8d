"""What happens to a file after it is safe: a proof of what it is, a look for viruses, and pictures of it."""

"""What may identify somebody in a text: it warns, and never certifies and never blocks. One set of data, two engines."""

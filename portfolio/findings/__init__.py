"""The identity check where people write: what it found, what was kept and why, and an employer's own words.

It warns and never certifies: whoever gives a reason may keep what was found, and the reader sees the reason."""

"""Talk on a piece, and the testimony of somebody who saw it."""

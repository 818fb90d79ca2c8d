"""The gateway: what must stand before assessment may begin, who says so, and the lock that follows."""

"""Confirmed means durable: a real server process is killed again and again, traced, cut off, and sent things twice."""

"""Courses that a provider offers: catalogue, sessions, bookings, what comes after."""

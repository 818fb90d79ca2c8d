"""Courses: what is on offer and booked, a provider's catalogue, and the dates in it."""

from __future__ import annotations

from fastapi import APIRouter

from portfolio.courses import (
    routes_booking,
    routes_catalogue,
    routes_import,
    routes_offer,
    routes_sessions,
)

router = APIRouter()
for one in (routes_import, routes_catalogue, routes_sessions, routes_offer, routes_booking):
    router.include_router(one.router)

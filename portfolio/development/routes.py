"""Every page of continuing development."""

from __future__ import annotations

from fastapi import APIRouter

from portfolio.development import routes_due, routes_reviews, routes_supervision

router = APIRouter()
router.include_router(routes_due.router)
router.include_router(routes_due.of_employer)
router.include_router(routes_supervision.router)
router.include_router(routes_reviews.router)

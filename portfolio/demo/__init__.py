"""Demonstration data: invented people, texts written for the purpose and small files drawn in code."""

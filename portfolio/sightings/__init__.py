"""Originals that stay at work: who saw one, when and where, confirmed by signature. Added, never changed."""

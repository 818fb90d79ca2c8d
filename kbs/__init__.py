"""Occupational standards as data, and what can be said about them without a database or a web page.

KSB is the trade's word for knowledge, skill and behaviour statements; `kbs` is only this folder's name.
"""

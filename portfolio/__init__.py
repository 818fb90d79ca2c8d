"""The application: one folder per capability, joined together in app.py."""

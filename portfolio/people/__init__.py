"""Accounts, sign-in, sessions, invitations; gives every route the person who asks."""

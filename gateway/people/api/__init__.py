"""HTTP: accounts for admins, signing in for everybody, one's own account."""

from gateway.people.api import accounts, links, oneself, sessions

# Paths with names come before those with ids.
ROUTERS = (sessions.router, links.router, oneself.router, accounts.router)

__all__ = ["ROUTERS"]

"""Assignments: the queue, leases, what organisations and coordinators do, and what comes of an appeal's changes."""

"""What waits in the services behind the gateway."""

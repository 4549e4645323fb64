"""The embedded runtime behind `otklik up`: Postgres, NATS, services and gateway, one family of processes."""

"""What is decided about people, pure: logins, passwords, pauses, one-time codes, sessions."""

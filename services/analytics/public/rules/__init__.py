"""What may be published of counts, and of which days (ADR 36)."""

"""The situation room: what is abnormal now, who is late, what comes next and what decisions changed."""

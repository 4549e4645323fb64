"""Making and changing decisions (`deciding`), judging them (`judging`, in a process of its own: `asking`)."""

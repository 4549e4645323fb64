"""What the published reference says beyond what services say of themselves: what every field and answer means, what it looks
like, and which problems an operation may answer with."""

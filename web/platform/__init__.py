"""The platform as the pages see it: its public interface over HTTP, asked in the name of a person or of nobody."""

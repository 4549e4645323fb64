"""What the platform answers, with the fields that the centre's pages show."""

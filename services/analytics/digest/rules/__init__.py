"""Pure: whether a day was as usual (`days`), and the digest in words (`wording`)."""

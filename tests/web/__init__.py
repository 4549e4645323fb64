"""The pages, without a system beside them."""

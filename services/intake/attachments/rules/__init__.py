"""Names, kinds, links; what a file holds is looked into by a child process only (`inspection`)."""

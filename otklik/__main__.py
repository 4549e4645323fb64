"""`python -m otklik` is the command `otklik`."""

from otklik.cli import main

main()

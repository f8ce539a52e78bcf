"""`python -m portal_api` is the command line."""

from portal_api.cli import main

main()

"""The documents of the frontends, sent as they are."""

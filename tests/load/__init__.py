"""Many connections at once that read and change in bulk: a server as users start it, on the demonstration."""

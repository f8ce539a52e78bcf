"""The portal over HTTP, as a client meets it."""

"""Lists that are read from a replica which lags, and what is never read there."""

"""The oracle: a slow, plain second implementation of reads, generated queries, and the portal compared with it."""

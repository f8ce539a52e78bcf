"""The peers: other ways to build such an API, each answering the questions of a run in a schema of its own."""

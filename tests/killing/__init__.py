"""The server is killed in the middle of its work: what was acknowledged is there, and everything else wholly or not at all."""

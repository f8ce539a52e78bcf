"""Fifty administrators at once on the same records: what each was answered, held against what the history says."""

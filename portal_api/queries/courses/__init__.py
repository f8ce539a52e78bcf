"""All that is read and written of courses."""

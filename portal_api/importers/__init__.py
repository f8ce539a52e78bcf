"""Records from elsewhere: invented ones for a demonstration, real ones from files."""

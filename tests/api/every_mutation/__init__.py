"""What holds of every mutation on a list of records, asked of each case of the registry."""

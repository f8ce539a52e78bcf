"""What an export writes, who is given it, and that nothing which goes wrong makes it write anything else."""

"""What learners do themselves, and what it leaves behind."""

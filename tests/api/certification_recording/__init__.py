"""What others record of learners."""

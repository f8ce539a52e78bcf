"""How learners' certifications are read."""

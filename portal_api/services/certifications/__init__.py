"""Certifications: what happens to them and to learners' records of them."""

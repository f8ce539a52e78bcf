"""Certifications: what each field reads, the facts that decide, and the writes."""

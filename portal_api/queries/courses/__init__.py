"""Courses, units, offers and the reasons for statuses: who sees them, what each field reads, and the writes."""

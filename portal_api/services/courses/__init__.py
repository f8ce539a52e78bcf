"""What happens to course enrolments and their units: enrolling, statuses, finalising, transition, surveys (S2)."""

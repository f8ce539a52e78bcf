"""What happens to courses: the library of them, and learners' enrolments with their units and surveys."""

"""Courses: enrolments in them, their units, how they are finalised, and the stages of a learner's lifecycle (S2, S4)."""

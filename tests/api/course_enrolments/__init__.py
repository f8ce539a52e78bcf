"""Course enrolments over HTTP: enrolling, statuses, finalising, units, transition, surveys."""

"""What happens to courses, units, offers and the reasons for statuses: made, changed, retired, reinstated."""

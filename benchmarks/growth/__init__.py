"""How the portal's answers grow with the organisation: one seeded at several sizes, the same asked of each."""

"""Random days of certifications: a plain model of S5, and two drives that hold the domain and the portal against it."""

"""Random days in the portal: a plain model of it, and two drives that hold the domain and the portal against it."""

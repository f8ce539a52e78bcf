"""How a field is answered: one generic planned root for reads, and a small module a noun for mutations."""

"""What every claim of speed is measured with: the product beside hand-written SQL, on the same tables, in one run."""

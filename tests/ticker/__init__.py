"""What time does, written down by the ticker."""

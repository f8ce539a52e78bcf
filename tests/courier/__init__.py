"""What is delivered once its cause is committed."""

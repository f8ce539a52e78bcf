"""Several processes, a pooler and a real replica: what a portal past one machine stands on."""

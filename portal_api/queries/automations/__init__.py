"""Learncycles, tasks, notifications, the outbox and webhooks: who sees them, what decides over them, and the writes."""

"""What learncycles do and have done to them, and what comes of it: tasks, notifications, webhooks."""

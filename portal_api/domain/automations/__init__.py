"""What the portal does by itself: learncycles, and the tasks, notifications and webhooks that they lead to (S1, S4)."""

"""What learncycles do, in the transaction of their cause."""

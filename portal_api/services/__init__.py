"""What happens: functions of the work and its input. Lock, load facts, decide, write, record; nothing leaves the database."""

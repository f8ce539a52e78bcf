"""What is true: enums, status tables, decisions and dates. Pure: no I/O, no clock, no framework."""

"""What every claim of speed is measured with: the portal beside hand-written SQL, on the same tables, in one run."""

import portal_api  # noqa: F401  puts the wheel's SQLite in place, before anybody here imports sqlite3

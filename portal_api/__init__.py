"""The learner portal: learners, enrolments, series and certifications behind one GraphQL API.

The SQLite of the standard library may be older than 3.51.3, the first without the WAL-reset fault. The wheel's library
takes its place here, before anything can import the other one: aiosqlite, SQLAlchemy and Alembic all get this one.
"""

import sys

import pysqlite3
from pysqlite3 import dbapi2

sys.modules["sqlite3"] = pysqlite3
sys.modules["sqlite3.dbapi2"] = dbapi2

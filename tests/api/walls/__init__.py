"""The walls: what somebody may not see is answered as what does not exist, on every path that the schema has.

`kinds` has a line for each type of record; `paths` reads from the schema every way to a record and says where it leads;
`seen` says who sees what; `scene` lays that out, in an organisation and in its twin. A new path fails here until somebody
says what it leads to.
"""

"""The oracle: a slow, plain second implementation of reads, generated queries, and the portal compared with it.

How a noun is added, once `schema.graphql` has it:

1. A file of its own with a `Noun`: type, prefix, `tables` (its own table under its own name, and those between it and
   others), `sees`, and only what is more than an attribute of its row: `fields`, `lists`, `keys`, `conditions`, `orders`.
   Lists below it are `owned("pathway_id")` where the row holds the key, and `joined("GroupMember", "group_id",
   "learner_id")` where a table stands between. A list of words is a tuple in the row, and needs nothing.
2. Its name in `NOUNS` in `reference.py`; a root field of a new shape in `roots` there. A type that is no record, such as
   the viewer or a report, and leads to records is a `Value` in `VALUES`: each such field a `Listing`, `Count` or
   `Grouping`, whatever else it shows is in the mapping or object that its root field gives.
3. Lists that others have of it: one line in their `lists`; a filter by its identifiers: one in their `keys`.
4. Some of it in `world.py`, as awkward as it can be, a name to search by in `SEARCHED`; the wall needs no word. What
   becomes of it over the API in `life.py`.
5. In `generator/faults.py` what can go wrong at its root field (`FAULTY_ROOTS`), and `ORDERS` in `test_generator.py`, which
   fails for as long as queries do not reach every field, argument and condition.

Nothing that can be read is left out: `Export.url` is signed by the portal's own hand, and who gets it reckoned here.

Whatever the reckoning allows in one page under a value (`page_sizes` in the portal's limits) is said there a second time,
by `Listing.most` and `Grouping.limit`.
"""

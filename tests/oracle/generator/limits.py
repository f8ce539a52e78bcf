"""How much a document may ask for, and how much of it at once."""

MOST_RECORDS, USUAL_RECORDS, MOST_LEVELS = 18_000, 800, 12
MOST_AT_ROOT, MOST_BELOW, MOST_NODES, USUAL_PAGE, USUAL_SIMULATION = 1_000, 100, 100, 25, 100
PAGES = (1, 2, 3, 5, 8, 10, 20, 25, 40, 60, 100, 1_000)
LIST_SIZES = {"Query.nodes": MOST_NODES, "Learner.attributes": 50, "LifecycleBoard.stages": 4}
"""How many records or values the lists without pages can have."""

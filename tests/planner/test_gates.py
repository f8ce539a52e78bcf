"""What a list below asks of its parent: only what hangs on the parent's key, and all of that."""

import pytest
from sqlalchemy import ColumnElement, Table, and_, literal_column

from portal_api.planner.declare import Connection, Source
from portal_api.planner.gates import split_scope
from portal_api.queries.catalogue import CATALOGUE

LISTS = {
    f"{source.type}.{name}": (CATALOGUE.sources[declared.type], declared)
    for source in CATALOGUE.sources.values()
    for name, declared in source.fields.items()
    if isinstance(declared, Connection)
    and declared.through is None
    and isinstance(CATALOGUE.sources[declared.type].table, Table)  # rows that are gathered are not written as text
}
PARENT = "parent_row.key"


def test_the_lists_of_a_learner_ask_once_whose_records_they_are() -> None:
    gated = {
        name
        for name, (child, declared) in LISTS.items()
        if name.startswith("Learner.") and split_scope(child, declared.by, literal_column(PARENT))[0] is not None
    }

    names = "certifications", "credentials", "documents", "notifications", "pathwayEnrolments", "seriesEnrolments"
    assert gated == {f"Learner.{name}" for name in names}


@pytest.mark.parametrize("name", LISTS)
def test_nothing_of_a_scope_is_lost(name: str) -> None:
    """Put back where it was, with the children's column in place of the parent's key, it is the scope that it was."""
    child, declared = LISTS[name]
    gate, rest = split_scope(child, declared.by, literal_column(PARENT))
    kept = {id(each) for each in rest}
    scope: list[ColumnElement[bool]] = list(getattr(child.scope, "clauses", [child.scope]))
    moved = [each for each in scope if id(each) not in kept]

    assert len(rest) + len(moved) == len(scope)
    assert str(declared.by) not in str(gate)
    assert (gate is None) == (moved == [])
    if gate is not None:
        # In brackets of its own a condition names the children's table, which a statement around it would have.
        asked = str(and_(*moved)).replace(f", {child.table}", "").replace(f"{child.table}, ", "")
        assert str(gate).replace(PARENT, str(declared.by)) == asked


def test_of_a_condition_that_names_another_column_nothing_is_asked_of_the_parent() -> None:
    child, declared = LISTS["Learner.seriesEnrolments"]
    table = child.table
    other = Source("Other", "oth", table, (table.c.learner_id == 1) & (table.c.series_id == table.c.learner_id), {})

    gate, rest = split_scope(other, declared.by, literal_column(PARENT))

    assert str(gate) == f"{PARENT} = :learner_id_1"
    assert [str(each) for each in rest] == ["series_enrolments.series_id = series_enrolments.learner_id"]

"""The printed tables: all that decides stands in them."""

from portal_api.domain import tables
from portal_api.domain.tables import TABLES, printed_tables
from tests.domain.lamps import LAMPS


def test_every_table_is_printed_with_its_statuses_actions_and_moves() -> None:
    page = printed_tables()
    for table in TABLES:
        assert f"## {table.kind.replace('_', ' ').capitalize()}" in page
        for status, meaning in table.statuses.items():
            ended = "yes" if meaning.is_ended else ""
            assert f"| `{status.name}` {meaning.label} | {ended} | {meaning.description} |" in page
        for rule in table.rules:
            assert f"- **`{rule.action.name}`** ({', '.join(role.name for role in rule.roles)}): " in page
        for move in table.clock:
            assert f"| `{move.status.name}` | `{move.at}` | `{move.to.name}` |" in page


def test_a_grid_shows_where_an_action_leads_or_that_it_is_allowed() -> None:
    assert list(tables._grid(LAMPS)) == [
        "| Action | Dark | Dim | Bright | Broken |",
        "|---|---|---|---|---|",
        "| `SWITCH` | allowed |  | → `DARK` |  |",
        "| `MEND` |  |  |  | → `DARK` |",
    ]


def test_the_conditions_of_a_rule_stand_below_its_grid() -> None:
    [switch, mend] = tables._rules(LAMPS)
    assert switch == (
        "- **`SWITCH`** (OWNER, TRAINER, LEARNER): DARK, BRIGHT by here; the learner is active; "
        "there is a bulb; there is power."
    )
    assert mend == "- **`MEND`** (OWNER, TRAINER): BROKEN by here; less with power."


def test_a_move_of_the_clock_shows_its_flag() -> None:
    [_, _, _, dusk, night, worn_inside, worn] = tables._clock(LAMPS)
    assert dusk == "| `DARK` | `dusk_at` | `DIM` |  | here |"
    assert night == "| `DIM` | `night_at` | `BRIGHT` | `is_outside` is true | here |"
    assert worn_inside == "| `DIM` | `worn_at` | `BROKEN` | `is_outside` is false | here |"
    assert worn == "| `BRIGHT` | `worn_at` | `BROKEN` |  | here |"

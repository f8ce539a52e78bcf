"""The literal grids that a storm is held against: where an action is open, and where each act of the history leads."""

from dataclasses import dataclass

from tests.domain.certification_grids import BY_ADMINISTRATORS

_HEAD, *_LINES = (line.split() for line in BY_ADMINISTRATORS.strip().splitlines())
ALLOWED = {
    (action, status): cell == "Y" for action, *cells in _LINES for status, cell in zip(_HEAD, cells, strict=True)
}
"""Whether an administrator's action is open at a status."""

LEADS = """
                     ASSIGNED NOT_STARTED IN_PROGRESS   PENDING_APPROVAL                      CERTIFIED    EXPIRED      LAPSED       RECERTIFYING   REVOKED                  DISALLOWED
  fee_overridden     -        =           =             -                                     -            -            -            =              -                        -
  steps_overridden   -        -           =/CERTIFIED   =/IN_PROGRESS/RECERTIFYING/CERTIFIED  -            -            -            =/CERTIFIED    -                        -
  exam_overridden    -        -           =/CERTIFIED   =/IN_PROGRESS/RECERTIFYING/CERTIFIED  -            -            -            =/CERTIFIED    -                        -
  revoked            -        REVOKED     REVOKED       REVOKED                               -            REVOKED      REVOKED      REVOKED        -                        -
  cycle_forced       -        -           -             -                                     RECERTIFYING RECERTIFYING RECERTIFYING -              -                        -
  barred             -        -           -             -                                     DISALLOWED   -            -            -              -                        -
  restored           -        -           -             -                                     -            -            -            -              NOT_STARTED/RECERTIFYING RECERTIFYING
  unassigned         =        =           -             -                                     -            -            -            -              -                        -
  archived           =        =           -             -                                     -            -            -            -              -                        -
  reassigned         =        =           =             =                                     =            =            =            =              =                        -
  expired            -        -           -             -                                     EXPIRED      -            -            -              -                        -
  lapsed             -        -           -             -                                     -            LAPSED       -            -              -                        -
"""
"""Where each act may begin, and where it leads from there."""
ANYWHERE_BY_GROUP = {"unassigned", "reassigned"}
"""A group comes and goes at any status, and changes none."""


@dataclass(frozen=True)
class Moves:
    """The moves that the grid allows."""

    leads: dict[tuple[str, str | None], set[str]]

    def allows(self, act: str, before: str | None, after: str, by_group: bool) -> bool:
        """Whether an act may have led from one status to another."""
        act = act.removeprefix("learner_certification_")
        if by_group and act in ANYWHERE_BY_GROUP:
            return before == after
        return after in self.leads.get((act, before), ())


def _moves() -> Moves:
    head, *lines = (line.split() for line in LEADS.strip().splitlines())
    assert head == _HEAD
    leads: dict[tuple[str, str | None], set[str]] = {("assigned", None): {"ASSIGNED"}}
    for act, *cells in lines:
        for status, cell in zip(head, cells, strict=True):
            leads[act, status] = {status if to == "=" else to for to in cell.split("/")} - {"-"}
    return Moves(leads)


MOVES = _moves()

"""Withdraws over HTTP, as an Admin, every enrolment that the data set's files record as withdrawn.

    python examples/replay_withdrawals.py DIR --url http://127.0.0.1:8000 --token TOKEN

DIR holds studentInfo.csv and studentRegistration.csv; the enrolments were brought in by `portal-api import oulad DIR`.
An enrolment is wanted if its result is Withdrawn and a day of unregistration stands beside it. It is withdrawn if its
`actions` say that it can be: so a second run finds them all, and has nothing left to do.

Reasons: who left on the presentation's first day or before it, no longer required the enrolment; who left later, did not
want to complete it.

Progress goes to standard error, the counts to standard output. Ends with 0 when all that was available is withdrawn,
1 when something failed or was refused, 2 when it was called wrongly. Needs nothing but Python.
"""

import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from over_http import Failure, Portal, called_with, in_words, reference_of, rows_of, say, told_refusals

FIND = """
query Find($refs: [String!]!, $size: Int!) {
  seriesEnrolments(first: $size, filter: {externalRef: {in: $refs}}) {
    nodes { id actions { action available reasons { code message } } }
  }
}
"""
WITHDRAW = """
mutation Withdraw($input: WithdrawSeriesEnrolmentsInput!) {
  withdrawSeriesEnrolments(input: $input) {
    isPreview
    counts { changed unchanged refused }
    results { id outcome errors { code message } }
    errors { code message }
  }
}
"""


def wanted(folder: Path) -> dict[str, list[str]]:
    """By reason, the references of the enrolments to be withdrawn."""
    try:
        return read_withdrawals(folder)
    except KeyError as error:
        raise Failure(f"The files in {folder} are not the data set's: there is no column {error}.") from error
    except ValueError as error:
        raise Failure(f"The files in {folder} are not the data set's: {error}.") from error


def read_withdrawals(folder: Path) -> dict[str, list[str]]:
    withdrawn = {reference_of(row) for row in rows_of(folder / "studentInfo.csv") if row["final_result"] == "Withdrawn"}
    refs: dict[str, list[str]] = {"NO_LONGER_REQUIRED": [], "DOES_NOT_WANT_TO_COMPLETE": []}
    for row in rows_of(folder / "studentRegistration.csv"):
        if reference_of(row) in withdrawn and (day := row["date_unregistration"]):
            refs["NO_LONGER_REQUIRED" if int(day) <= 0 else "DOES_NOT_WANT_TO_COMPLETE"].append(reference_of(row))
    return refs


@dataclass
class Replay:
    """One run: what was counted, and what stood against the rest."""

    portal: Portal
    counts: Counter[str] = field(default_factory=Counter[str])
    closed: Counter[str] = field(default_factory=Counter[str])

    def batch(self, refs: Sequence[str], reason: str) -> None:
        """Finds the enrolments of a batch, selects the open ones, previews, and withdraws what the preview granted."""
        found = self.portal.ask(FIND, {"refs": refs, "size": len(refs)})["seriesEnrolments"]["nodes"]
        selected = [node["id"] for node in found if self.is_open(node)]
        self.counts.update(wanted=len(refs), found=len(found), available=len(selected))
        if not selected:
            return
        preview = self.withdraw(selected, reason, preview=True)
        granted = [row["id"] for row in preview["results"] if row["outcome"] == "CHANGED"]
        self.counts.update(previewed=len(granted), refused=told_refusals(preview))
        if not granted:
            return
        answer = self.withdraw(granted, reason, preview=False)
        self.counts.update(withdrawn=answer["counts"]["changed"], refused=told_refusals(answer))

    def is_open(self, node: dict[str, Any]) -> bool:
        """Whether WITHDRAW is available; if not, remembers why."""
        [action] = [each for each in node["actions"] if each["action"] == "WITHDRAW"]
        for reason in action["reasons"]:
            if reason["code"] == "FORBIDDEN":
                raise Failure(in_words(reason))
        self.closed.update(reason["code"] for reason in action["reasons"])
        return action["available"]

    def withdraw(self, ids: Sequence[str], reason: str, *, preview: bool) -> dict[str, Any]:
        """Withdraws enrolments, or says what would happen."""
        given: dict[str, Any] = {"ids": ids, "reason": reason}
        return self.portal.change(WITHDRAW, "withdrawSeriesEnrolments", given, len(ids), preview=preview)


def replay(folder: Path, portal: Portal, size: int) -> int:
    """Replays all withdrawals; gives the exit code."""
    refs_by_reason = wanted(folder)
    viewer = portal.viewer()
    size = min(size, viewer["limits"]["recordsPerChange"])
    total = sum(map(len, refs_by_reason.values()))
    say(f"{total} withdrawals to replay in {viewer['organisation']['name']}, as {viewer['role']}, {size} at a time")
    run, began = Replay(portal), time.perf_counter()
    for reason, refs in refs_by_reason.items():
        for start in range(0, len(refs), size):
            run.batch(refs[start : start + size], reason)
            counts = run.counts
            say(f"{counts['wanted']:>6} of {total}  {counts['withdrawn']} withdrawn  {reason}")
    say(f"took {time.perf_counter() - began:.1f} s")
    for code, count in run.closed.items():
        say(f"{count} closed: {code}")
    for name in ("wanted", "found", "available", "previewed", "withdrawn", "refused"):
        print(name, run.counts[name])
    if total and not run.counts["found"]:
        raise Failure("None of these enrolments is in the organisation of this token. Was the data set imported there?")
    return 1 if run.counts["refused"] else 0


def main() -> int:
    """Reads the command line and replays."""
    folder, portal, size = called_with("Withdraw what the data set records as withdrawn.")
    try:
        return replay(folder, portal, size)
    except Failure as failure:
        say(f"Failed: {failure}")
        return 1


if __name__ == "__main__":
    sys.exit(main())

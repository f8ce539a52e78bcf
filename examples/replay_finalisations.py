"""Finalises over HTTP, as an Admin, every enrolment of the data set as its files record that it ended.

    python examples/replay_finalisations.py DIR --url http://127.0.0.1:8000 --token TOKEN

DIR holds the four CSV files; the enrolments were brought in by `portal-api import oulad DIR --as courses`.

- Withdrawn, with a day of unregistration: WITHDRAWN on that day. Of each unit that has begun by then, the hours attended are
  its scheduled hours times the share of its days that have passed, all of them at the most, rounded to the nearest hour,
  halves up.
- Pass, Distinction, Fail: COMPLETED, each unit on its cut-off day with the outcome 20, 20, 30.
- Withdrawn without a day: stays as it is.

Each batch is previewed, and then meant if the preview finds anything to change; what happens has to be what the preview
said. So a second run finds everything unchanged, and writes nothing.

At the end the portal's counts stand beside those that are worked out here from the files alone. Progress goes to standard
error, counts to standard output. Ends with 0 when nothing was refused and all counts agree, 1 when something failed, was
refused or differs, 2 when it was called wrongly. Needs nothing but Python.
"""

import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from over_http import Failure, Portal, called_with, presentation_of, reference_of, rows_of, say, told_refusals

LIBRARY = """
{ units(first: 1000) { nodes { identifier scheduledHours } pageInfo { hasNextPage } } }
"""
FIND = """
query Find($refs: [String!]!) {
  courseEnrolments(first: %(size)s, filter: {externalRef: {in: $refs}}) {
    nodes { id externalRef units(first: %(units)s) { nodes { id unit { identifier } } } }
  }
}
"""
FINALISE = """
mutation Finalise($input: FinaliseCourseEnrolmentsInput!) {
  finaliseCourseEnrolments(input: $input) {
    isPreview
    counts { changed unchanged refused }
    results { id outcome errors { code message } }
    errors { code message }
  }
}
"""
OUTCOMES = ("40", "00", "20", "30", "70")
COUNT = "\n".join(
    [
        "{",
        *(f'o{each}: unitEnrolments(filter: {{outcome: {{eq: "{each}"}}}}) {{ totalCount }}' for each in OUTCOMES),
        "}",
    ]
)
LEFT = """
query Left($after: String) {
  courseEnrolments(first: %(size)s, after: $after) {
    nodes { trainingOrganisationOutcome units(first: %(units)s) { nodes { trainingOrganisationOutcome } } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
MOST_RECORDS = 20_000
"""What one document may ask for."""
MOST_BYTES = 3_000_000
"""How large the enrolments of one call are at the most; a request may have 4 MB."""
FIRST_MONTH = {"B": 2, "J": 10}
GRADES = {"Pass": "20", "Distinction": "20", "Fail": "30"}


class Span(NamedTuple):
    """The days of a unit, counted from the start of its presentation."""

    first: int
    last: int


class Ended(NamedTuple):
    """How an enrolment ended: left on a day, or graded; neither of one that goes on."""

    left_on: int | None = None
    grade: str | None = None


@dataclass
class Records:
    """What the files hold: of each presentation the units by identifier, and the enrolments by reference."""

    units: dict[str, dict[str, Span]]
    enrolments: dict[str, dict[str, Ended]]

    @property
    def most_units(self) -> int:
        """The units of the presentation that has most; one where none has any, since a page has no size 0."""
        return max([1, *map(len, self.units.values())])


def records_in(folder: Path) -> Records:
    """Reads the files."""
    try:
        return Records(read_units(folder), read_enrolments(folder))
    except KeyError as error:
        raise Failure(f"The files in {folder} are not the data set's: {error} is not in them.") from error
    except ValueError as error:
        raise Failure(f"The files in {folder} are not the data set's: {error}.") from error


def read_units(folder: Path) -> dict[str, dict[str, Span]]:
    """TMAs and CMAs that have a cut-off day: from the cut-off day before, or from day 0, until their own."""
    days: dict[str, dict[str, int]] = {presentation_of(row): {} for row in rows_of(folder / "courses.csv")}
    for row in rows_of(folder / "assessments.csv"):
        if row["assessment_type"] != "Exam" and row["date"]:
            days[presentation_of(row)][f"{row['code_module']}{row['id_assessment']}"] = int(row["date"])
    units: dict[str, dict[str, Span]] = {}
    for presentation, own in days.items():
        cut_offs = sorted(set(own.values()))
        before = {last: first for first, last in pairwise([min([0, *cut_offs]), *cut_offs])}
        units[presentation] = {identifier: Span(before[last], last) for identifier, last in own.items()}
    return units


def read_enrolments(folder: Path) -> dict[str, dict[str, Ended]]:
    left = {
        reference_of(row): int(day)
        for row in rows_of(folder / "studentRegistration.csv")
        if (day := row["date_unregistration"])
    }
    enrolments: dict[str, dict[str, Ended]] = defaultdict(dict)
    for row in rows_of(folder / "studentInfo.csv"):
        ref, result = reference_of(row), row["final_result"]
        ended = Ended(left_on=left.get(ref)) if result == "Withdrawn" else Ended(grade=GRADES[result])
        enrolments[presentation_of(row)][ref] = ended
    return enrolments


def counts_of(records: Records) -> Counter[str]:
    """What the portal has to count in the end, worked out from the files."""
    counts = Counter[str]()
    for presentation, own in records.enrolments.items():
        spans = records.units[presentation].values()
        for ended in own.values():
            if ended.grade:
                counts[ended.grade] += len(spans)
            elif ended.left_on is None:
                counts["70"] += len(spans)
            else:
                begun = sum(span.first <= ended.left_on for span in spans)
                counts.update({"40": begun, "00": len(spans) - begun})
                counts.update({"TNC of enrolments": 1, "TNC of units": len(spans)})
    return counts


def start_of(presentation: str) -> date:
    """The first day of a presentation: the 1st of February or October of its year."""
    code = presentation.rpartition("-")[2]
    return date(int(code[:-1]), FIRST_MONTH[code[-1]], 1)


def hours_attended(scheduled: int, span: Span, left_on: int) -> int:
    """The share of a unit's hours that had passed on a day, rounded to the nearest hour, halves up."""
    days = span.last - span.first
    if left_on >= span.last:
        return scheduled
    return (2 * scheduled * (left_on - span.first) + days) // (2 * days)


@dataclass
class Replay:
    """One run: what was counted, and how long the portal took."""

    portal: Portal
    records: Records
    size: int
    hours: dict[str, int] = field(default_factory=dict[str, int])
    """The scheduled hours of each unit of the library."""
    counts: Counter[str] = field(default_factory=Counter[str])
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def learn_hours(self) -> None:
        """Asks for the units of the library."""
        page = self.portal.ask(LIBRARY)["units"]
        if page["pageInfo"]["hasNextPage"]:
            raise Failure("The organisation has more than 1,000 units: it is not the one that the data set was made.")
        self.hours = {node["identifier"]: node["scheduledHours"] for node in page["nodes"]}

    def presentation(self, code: str) -> None:
        """Finalises the enrolments of a presentation that have ended."""
        by_status: dict[str, list[str]] = {"WITHDRAWN": [], "COMPLETED": []}
        for ref, ended in self.records.enrolments.get(code, {}).items():
            if ended.grade or ended.left_on is not None:
                by_status["COMPLETED" if ended.grade else "WITHDRAWN"].append(ref)
        units = max(1, len(self.records.units[code]))
        size = min(self.size, MOST_RECORDS // (1 + 2 * units))
        for status, refs in by_status.items():
            for start in range(0, len(refs), size):
                found = self.found(code, refs[start : start + size], units)
                for rows in pieces(found):
                    self.finalise(rows, status)

    def found(self, code: str, refs: Sequence[str], units: int) -> list[dict[str, Any]]:
        """What is to be said of each enrolment."""
        began = time.perf_counter()
        document = FIND % {"size": len(refs), "units": units}
        nodes = self.portal.ask(document, {"refs": refs})["courseEnrolments"]["nodes"]
        self.seconds["find"] += time.perf_counter() - began
        self.counts.update(wanted=len(refs), found=len(nodes))
        return [self.order(code, node) for node in nodes]

    def order(self, code: str, node: dict[str, Any]) -> dict[str, Any]:
        """What is to be said of an enrolment and its units."""
        ended, start = self.records.enrolments[code][node["externalRef"]], start_of(code)
        spans = [
            (each["id"], each["unit"]["identifier"], self.records.units[code][each["unit"]["identifier"]])
            for each in node["units"]["nodes"]
        ]
        if ended.left_on is None:
            units = [
                {"unitEnrolmentId": id_, "outcome": ended.grade, "endsOn": str(start + timedelta(days=span.last))}
                for id_, _, span in spans
            ]
            return {"id": node["id"], "units": units}
        attended = [
            {"unitEnrolmentId": id_, "hoursAttended": hours_attended(self.hours[identifier], span, ended.left_on)}
            for id_, identifier, span in spans
            if span.first <= ended.left_on
        ]
        return {"id": node["id"], "on": str(start + timedelta(days=ended.left_on)), "units": attended}

    def finalise(self, rows: Sequence[dict[str, Any]], status: str) -> None:
        """Previews a batch, and means it where anything would change."""
        given = {"enrolments": rows, "status": status}
        preview = self.call("preview", given, len(rows))
        self.counts.update(refused=told_refusals(preview), unchanged=preview["counts"]["unchanged"])
        if not preview["counts"]["changed"]:
            return
        answer = self.call("finalise", given, len(rows))
        if answer["counts"] != preview["counts"]:
            raise Failure(f"The preview counted {preview['counts']}, and then it was {answer['counts']}.")
        self.counts.update(finalised=answer["counts"]["changed"])
        self.counts.update({status: answer["counts"]["changed"]})

    def call(self, what: str, given: dict[str, Any], rows: int) -> dict[str, Any]:
        began = time.perf_counter()
        answer = self.portal.change(FINALISE, "finaliseCourseEnrolments", given, rows, preview=what == "preview")
        self.seconds[what] += time.perf_counter() - began
        self.counts[f"{what} calls"] += 1
        self.counts[f"{what} rows"] += rows
        return answer

    def counted(self) -> Counter[str]:
        """What the portal counts: outcomes of units, and who reports training not completed, read one by one."""
        totals = self.portal.ask(COUNT)
        counts = Counter({each: totals[f"o{each}"]["totalCount"] for each in OUTCOMES})
        units = self.records.most_units
        document = LEFT % {"size": min(1_000, MOST_RECORDS // (1 + units)), "units": units}
        page: dict[str, Any] = {"endCursor": None, "hasNextPage": True}
        while page["hasNextPage"]:
            found = self.portal.ask(document, {"after": page["endCursor"]})["courseEnrolments"]
            for node in found["nodes"]:
                counts["TNC of enrolments"] += node["trainingOrganisationOutcome"] == "TNC"
                reported = [unit["trainingOrganisationOutcome"] for unit in node["units"]["nodes"]]
                counts["TNC of units"] += reported.count("TNC")
            page = found["pageInfo"]
        return counts


def pieces(rows: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """The rows, as many at a time as one request can carry."""
    piece: list[dict[str, Any]] = []
    size = 0
    for row in rows:
        own = len(json.dumps(row)) + 2
        if piece and size + own > MOST_BYTES:
            yield piece
            piece, size = [], 0
        piece.append(row)
        size += own
    if piece:
        yield piece


def replay(folder: Path, portal: Portal, size: int) -> int:
    """Replays all ends, and compares the counts; gives the exit code."""
    records = records_in(folder)
    viewer = portal.viewer()
    total = sum(map(len, records.enrolments.values()))
    run, began = Replay(portal, records, min(size, viewer["limits"]["recordsPerChange"])), time.perf_counter()
    say(
        f"{total} enrolments in {viewer['organisation']['name']}, as {viewer['role']}, {run.size} at a time at the most"
    )
    run.learn_hours()
    for code in records.units:
        run.presentation(code)
        say(f"{code}: {run.counts['finalised']} finalised, {run.counts['unchanged']} unchanged so far")
    tell_time(run, time.perf_counter() - began)
    for name in ("wanted", "found", "finalised", "WITHDRAWN", "COMPLETED", "unchanged", "refused"):
        print(name, run.counts[name])
    if run.counts["wanted"] and not run.counts["found"]:
        raise Failure("None of these enrolments is in the organisation of this token. Was the data set imported there?")
    agrees = compared(run.counted(), counts_of(records))
    return 0 if agrees and not run.counts["refused"] and run.counts["found"] == run.counts["wanted"] else 1


def tell_time(run: Replay, seconds: float) -> None:
    """Says how long everything took, and a thousand rows of each kind of call."""
    say(f"took {seconds:.1f} s, {run.seconds['find']:.1f} s of them to find the enrolments")
    for what in ("preview", "finalise"):
        if rows := run.counts[f"{what} rows"]:
            spent = run.seconds[what]
            say(
                f"{what}: {rows} rows in {run.counts[f'{what} calls']} calls, {spent:.1f} s, {1_000 * spent / rows:.2f} s a thousand"
            )


def compared(portal: Counter[str], files: Counter[str]) -> bool:
    """Prints both counts beside each other, and says whether they agree."""
    agrees = True
    for name in (*OUTCOMES, "TNC of units", "TNC of enrolments"):
        is_same = portal[name] == files[name]
        label = f"outcome {name}" if name in OUTCOMES else name
        print(f"{label}: portal {portal[name]}, files {files[name]}{'' if is_same else '  DIFFERS'}")
        agrees = agrees and is_same
    return agrees


def main() -> int:
    """Reads the command line and replays."""
    folder, portal, size = called_with("Finalise enrolments as the data set records that they ended.")
    try:
        return replay(folder, portal, size)
    except Failure as failure:
        say(f"Failed: {failure}")
        return 1


if __name__ == "__main__":
    sys.exit(main())

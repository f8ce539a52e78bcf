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

import argparse
import csv
import http.client
import json
import secrets
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WHO = "{ viewer { role organisation { name } limits { recordsPerChange } } }"
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
PASSING = {"BUSY", "IDEMPOTENCY_IN_PROGRESS"}
"""What is worth another try, with the same key."""
ATTEMPTS = 4
TIMEOUT = 60


class Failure(Exception):
    """What stopped the replay, in words for whoever started it."""


@dataclass
class Portal:
    """The API, as one token sees it."""

    url: str
    token: str

    def ask(self, query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """The data of an answer. What did not get through is sent again: the idempotency key makes that safe."""
        body = json.dumps({"query": query, "variables": variables or {}}).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url, body, headers)
        problem = ""
        for attempt in range(ATTEMPTS):
            time.sleep(attempt)
            try:
                with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
                    return data_of(response.read())
            except urllib.error.HTTPError as error:
                problem = f"The portal answered {error.code} {error.reason}."
                if error.code < 500:
                    return data_of(error.read(), problem)
            except (OSError, http.client.HTTPException) as error:
                problem = f"{self.url} cannot be reached: {getattr(error, 'reason', None) or error}."
        raise Failure(f"{problem} Tried {ATTEMPTS} times.")

    def withdraw(self, ids: Sequence[str], reason: str, *, preview: bool) -> dict[str, Any]:
        """Withdraws enrolments, or says what would happen."""
        given: dict[str, Any] = {"ids": ids, "reason": reason, "preview": preview}
        if not preview:
            given["idempotencyKey"] = f"replay-{secrets.token_hex(16)}"
        errors: list[dict[str, Any]] = []
        for attempt in range(ATTEMPTS):
            time.sleep(attempt)
            answer = self.ask(WITHDRAW, {"input": given})["withdrawSeriesEnrolments"]
            errors = answer["errors"]
            if not errors:
                if answer["isPreview"] is not preview or sum(answer["counts"].values()) != len(ids):
                    raise Failure(f"{len(ids)} enrolments were asked for, but the answer counts {answer['counts']}.")
                return answer
            if not {error["code"] for error in errors} <= PASSING:
                break
        raise Failure(" ".join(in_words(error) for error in errors))


def data_of(body: bytes, otherwise: str = "The portal's answer is not JSON.") -> dict[str, Any]:
    """The data of an answer; its errors are a failure."""
    try:
        answer = json.loads(body)
    except ValueError as error:
        raise Failure(otherwise) from error
    if errors := answer.get("errors"):
        raise Failure(" ".join(in_words(error) for error in errors))
    return answer["data"]


def in_words(error: dict[str, Any]) -> str:
    """An error's message, and its code for those who look it up."""
    code = error.get("code") or error.get("extensions", {}).get("code")
    return f"{error['message']} ({code})" if code else error["message"]


def wanted(folder: Path) -> dict[str, list[str]]:
    """By reason, the references of the enrolments to be withdrawn."""
    try:
        return read_withdrawals(folder)
    except KeyError as error:
        raise Failure(f"The files in {folder} are not the data set's: there is no column {error}.") from error
    except ValueError as error:
        raise Failure(f"The files in {folder} are not the data set's: {error}.") from error


def read_withdrawals(folder: Path) -> dict[str, list[str]]:
    withdrawn = {key(row) for row in rows(folder / "studentInfo.csv") if row["final_result"] == "Withdrawn"}
    refs: dict[str, list[str]] = {"NO_LONGER_REQUIRED": [], "DOES_NOT_WANT_TO_COMPLETE": []}
    for row in rows(folder / "studentRegistration.csv"):
        if key(row) in withdrawn and (day := row["date_unregistration"]):
            refs["NO_LONGER_REQUIRED" if int(day) <= 0 else "DOES_NOT_WANT_TO_COMPLETE"].append(key(row))
    return refs


def rows(file: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV file; what is wrong with one is told with its line."""
    line = 1
    try:
        with file.open(newline="", encoding="utf-8-sig") as opened:
            reader = csv.DictReader(opened)
            for row in reader:
                line = reader.line_num
                yield row
    except OSError as error:
        raise Failure(f"{file.name} cannot be read in {file.parent}: {error.strerror}.") from error
    except (ValueError, csv.Error) as error:
        raise Failure(f"{file.name}, after line {line}: {error}.") from error


def key(row: dict[str, str]) -> str:
    """The reference under which the import filed an enrolment."""
    return f"{row['code_module']}-{row['code_presentation']}-{row['id_student']}"


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
        preview = self.portal.withdraw(selected, reason, preview=True)
        granted = [row["id"] for row in preview["results"] if row["outcome"] == "CHANGED"]
        self.counts.update(previewed=len(granted), refused=self.told_refusals(preview))
        if not granted:
            return
        answer = self.portal.withdraw(granted, reason, preview=False)
        self.counts.update(withdrawn=answer["counts"]["changed"], refused=self.told_refusals(answer))

    def is_open(self, node: dict[str, Any]) -> bool:
        """Whether WITHDRAW is available; if not, remembers why."""
        [action] = [each for each in node["actions"] if each["action"] == "WITHDRAW"]
        for reason in action["reasons"]:
            if reason["code"] == "FORBIDDEN":
                raise Failure(in_words(reason))
        self.closed.update(reason["code"] for reason in action["reasons"])
        return action["available"]

    def told_refusals(self, answer: dict[str, Any]) -> int:
        """Says which rows were refused, and counts them."""
        refused = [row for row in answer["results"] if row["outcome"] == "REFUSED"]
        for row in refused:
            say(f"{row['id']}: {' '.join(in_words(error) for error in row['errors'])}")
        return len(refused)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def replay(folder: Path, portal: Portal, size: int) -> int:
    """Replays all withdrawals; gives the exit code."""
    refs_by_reason = wanted(folder)
    viewer = portal.ask(WHO)["viewer"]
    if viewer is None:
        raise Failure("The portal sees nobody behind this token. Ask for a new one.")
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
    parser = argparse.ArgumentParser(description="Withdraw what the data set records as withdrawn.")
    parser.add_argument("folder", metavar="DIR", type=Path, help="the folder with the data set's CSV files")
    parser.add_argument("--url", required=True, help="where the portal is, such as http://127.0.0.1:8000")
    parser.add_argument("--token", required=True, help="an Admin's bearer token: portal-api token --role ADMIN")
    parser.add_argument("--batch", type=int, default=500, help="enrolments at a time, 1 to 1,000 (500)")
    given = parser.parse_args()
    if not given.folder.is_dir():
        parser.error(f"{given.folder} is not a folder")
    if not given.url.startswith(("http://", "https://")):
        parser.error(f"{given.url} is not an address: it begins with http:// or https://")
    if not 1 <= given.batch <= 1_000:
        parser.error("a batch has 1 to 1,000 enrolments")
    url = given.url.rstrip("/")
    try:
        portal = Portal(url if url.endswith("/graphql") else f"{url}/graphql", given.token.strip())
        return replay(given.folder, portal, given.batch)
    except Failure as failure:
        say(f"Failed: {failure}")
        return 1


if __name__ == "__main__":
    sys.exit(main())

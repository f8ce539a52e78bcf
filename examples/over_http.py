"""Asks the portal over HTTP, with nothing but Python, and reads the data set's files: what the programs beside it share."""

import argparse
import csv
import http.client
import json
import secrets
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WHO = "{ viewer { role organisation { name } limits { recordsPerChange } } }"
PASSING = {"BUSY", "IDEMPOTENCY_IN_PROGRESS"}
"""What is worth another try, with the same key."""
ATTEMPTS = 4
TIMEOUT = 60


class Failure(Exception):
    """What stopped a program, in words for whoever started it."""


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

    def change(self, mutation: str, field: str, given: dict[str, Any], rows: int, *, preview: bool) -> dict[str, Any]:
        """The payload of a change, or of its preview.

        Args:
            mutation: the document; it takes the input as `$input`.
            field: the mutation's name.
            given: the input, but for `preview` and `idempotencyKey`.
            rows: how many records it names.
            preview: whether only to say what would happen.
        """
        asked = {**given, "preview": preview}
        if not preview:
            asked["idempotencyKey"] = f"replay-{secrets.token_hex(16)}"
        errors: list[dict[str, Any]] = []
        for attempt in range(ATTEMPTS):
            time.sleep(attempt)
            answer = self.ask(mutation, {"input": asked})[field]
            errors = answer["errors"]
            if not errors:
                if answer["isPreview"] is not preview or sum(answer["counts"].values()) != rows:
                    raise Failure(f"{rows} records were asked for, but the answer counts {answer['counts']}.")
                return answer
            if not {error["code"] for error in errors} <= PASSING:
                break
        raise Failure(" ".join(in_words(error) for error in errors))

    def viewer(self) -> dict[str, Any]:
        """Who the portal sees behind the token."""
        viewer = self.ask(WHO)["viewer"]
        if viewer is None:
            raise Failure("The portal sees nobody behind this token. Ask for a new one.")
        return viewer


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


def told_refusals(answer: dict[str, Any]) -> int:
    """Says which rows of a payload were refused, and counts them."""
    refused = [row for row in answer["results"] if row["outcome"] == "REFUSED"]
    for row in refused:
        say(f"{row['id']}: {' '.join(in_words(error) for error in row['errors'])}")
    return len(refused)


def rows_of(file: Path) -> Iterator[dict[str, str]]:
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


def presentation_of(row: dict[str, str]) -> str:
    """The reference under which the import filed a presentation."""
    return f"{row['code_module']}-{row['code_presentation']}"


def reference_of(row: dict[str, str]) -> str:
    """The reference under which the import filed an enrolment."""
    return f"{presentation_of(row)}-{row['id_student']}"


def say(text: str) -> None:
    """Tells how far it is, on standard error."""
    print(text, file=sys.stderr, flush=True)


def called_with(description: str) -> tuple[Path, Portal, int]:
    """The folder, the portal and the size of batches that a command line names; wrong use ends the program with 2."""
    parser = argparse.ArgumentParser(description=description)
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
    return given.folder, Portal(url if url.endswith("/graphql") else f"{url}/graphql", given.token.strip()), given.batch

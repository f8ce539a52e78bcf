"""Every sentence of an article is shown by a test, or says why there is nothing to show; and every test can fail."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.sentences import COUNTS, SENTENCES, Shown
from tests.acceptance.switches import SWITCHES

HERE = Path(__file__).parent
MODULES = (
    "test_withdrawal",
    "test_inactive_learners",
    "test_inactive_enrolments",
    "test_finalising_learners",
    "test_learner_lifecycle",
    "test_certification_learners",
    "test_certification_actions",
)
NAMED = {test for said in SENTENCES.values() if isinstance(said, Shown) for test in said.tests}


def functions(module: str) -> set[str]:
    """The tests of a module, by their names without `test_`."""
    names = vars(importlib.import_module(f"tests.acceptance.{module}"))
    return {name.removeprefix("test_") for name in names if name.startswith("test_")}


def test_every_sentence_has_a_test_or_a_reason() -> None:
    assert list(SENTENCES) == [f"{article}.{n}" for article, count in COUNTS.items() for n in range(1, count + 1)]


@pytest.mark.parametrize("named", sorted(NAMED))
def test_every_test_that_is_named_exists(named: str) -> None:
    module, _, function = named.partition(".")
    assert function.partition("[")[0] in functions(module)


def test_every_acceptance_test_shows_a_sentence_and_has_a_switch() -> None:
    shown = {named.partition("[")[0] for named in NAMED}
    there = {f"{module}.{function}" for module in MODULES for function in functions(module)}

    assert there == shown
    assert there == {f"{module}.{function}" for module, function in SWITCHES}


@pytest.mark.soak
@pytest.mark.parametrize(("module", "function"), list(SWITCHES), ids=str)
def test_an_acceptance_test_is_red_while_its_rule_is_switched_off(module: str, function: str) -> None:
    run = subprocess.run(
        [
            sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist",
            str(HERE / f"{module}.py"), "-k", f"test_{function} and sqlite",
        ],
        env=os.environ | {"PORTAL_TEST_SWITCHED_OFF": f"{module}.{function}"},
        cwd=HERE.parents[1],
        capture_output=True,
        text=True,
        check=False,
    )  # read as one sentence  # fmt: skip

    assert run.returncode == pytest.ExitCode.TESTS_FAILED, run.stdout[-2_000:]
    assert "ImportError" not in run.stdout

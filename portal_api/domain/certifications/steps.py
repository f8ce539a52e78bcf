"""What stands in the way of completing a training step: the ways that it offers, and what was done about it before."""

from collections.abc import Collection
from dataclasses import dataclass

from portal_api.domain.certifications.cycles import StepPath, StepStatus, TestOutResult
from portal_api.domain.refusals import ErrorCode, PlainError, Reason

RECORDED_PATHS = frozenset({StepPath.ONLINE, StepPath.CLASSROOM, StepPath.TEST_OUT})
"""The ways that others record; evidence comes from the learner."""


@dataclass(frozen=True, slots=True)
class Step:
    """A training step in a cycle, as a change finds it."""

    status: StepStatus
    paths: Collection[StepPath]
    test_out: TestOutResult | None = None
    """How the one attempt at testing out ended; None before it."""

    def against(self, path: StepPath) -> Reason | None:
        """Why the step cannot be completed in a way now, or None if it can.

        A test-out is taken once a cycle, and stays as it ended (S5, the caution on test-out exams); the rest are readings.
        """
        if self.status is StepStatus.DONE:
            return PlainError(ErrorCode.STEP_DONE, "This training step is done.")
        if self.status is StepStatus.AWAITING_APPROVAL:
            return PlainError(
                ErrorCode.STEP_AWAITING_APPROVAL, "Evidence for this training step awaits approval. Decide on it first."
            )
        if path not in self.paths:
            return PlainError(
                ErrorCode.STEP_PATH_NOT_OFFERED,
                f"This training step cannot be completed by {path.name}. Its paths: "
                f"{', '.join(sorted(each.name for each in self.paths))}.",
            )
        if path is StepPath.TEST_OUT and self.test_out is not None:
            return PlainError(
                ErrorCode.TEST_OUT_TAKEN,
                "The test-out exam of this training step has been taken in this cycle. It cannot be taken again.",
            )
        return None

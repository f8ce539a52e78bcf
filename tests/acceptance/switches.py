"""How the rule behind each acceptance test is switched off: a test that does not notice shows nothing."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import ColumnElement, false, true
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.auth import DownloadLinks
from portal_api.domain.automations.tasks import TaskAction
from portal_api.domain.certifications import ApprovalAction, CertificationAction, LearnerCertificationAction, Step
from portal_api.domain.courses import finalising, needs
from portal_api.domain.courses.stages import LifecycleStage
from portal_api.domain.courses.statuses import CourseEnrolmentAction
from portal_api.domain.credentials import CredentialAction
from portal_api.domain.learners import LearnerAction
from portal_api.domain.machine import Rule
from portal_api.domain.refusals import ErrorCode, PlainError, Reason
from portal_api.domain.series import SeriesAction, SeriesEnrolmentAction
from portal_api.models import learner_attributes, learners
from portal_api.permissions import Guard
from portal_api.planner.filters import Comparison, Search, TimedStatus
from portal_api.queries import learners as learner_queries
from portal_api.queries import organisations as organisation_queries
from portal_api.queries.catalogue import CATALOGUE
from portal_api.queries.courses.stages import Stages
from portal_api.queries.usage import ActiveIn, QuietSince
from portal_api.resolvers.machines import MACHINES, StateMachineKind
from portal_api.services.courses import unit_enrolments

Switch = Callable[[pytest.MonkeyPatch], None]
_reasons = Rule.reasons


def closes(action: StrEnum) -> Switch:
    """Whoever takes the action is refused."""

    def reasons(rule: Rule[Any, Any, Any], role: Any, facts: Any) -> Iterator[Reason]:
        if rule.action is action:
            yield PlainError(ErrorCode.FORBIDDEN, "switched off")
        yield from _reasons(rule, role, facts)

    return lambda patch: patch.setattr(Rule, "reasons", reasons)


def opens(*actions: StrEnum) -> Switch:
    """Nothing stands against the actions; without actions, against none that there is."""

    def reasons(rule: Rule[Any, Any, Any], role: Any, facts: Any) -> Iterator[Reason]:
        if actions and rule.action not in actions:
            yield from _reasons(rule, role, facts)

    return lambda patch: patch.setattr(Rule, "reasons", reasons)


def unseen(type_: str) -> Switch:
    """Nobody sees records of a type."""
    return lambda patch: _source(patch, type_, scope=false())


def _source(patch: pytest.MonkeyPatch, type_: str, **changed: Any) -> None:
    patch.setitem(CATALOGUE.sources, type_, replace(CATALOGUE.sources[type_], **changed))  # type: ignore[arg-type]  a dict inside


def without_field(type_: str, field: str) -> Switch:
    """A field reads something else: the record's reference."""

    def switch(patch: pytest.MonkeyPatch) -> None:
        source = CATALOGUE.sources[type_]
        other = source.fields["externalRef"]
        _source(patch, type_, fields={**source.fields, field: other})

    return switch


def _everything(*_: Any) -> ColumnElement[bool]:
    return true()


def without_filters(*filters: type[Any]) -> Switch:
    """Filters of a kind let everything through."""

    def switch(patch: pytest.MonkeyPatch) -> None:
        for each in filters:
            patch.setattr(each, "where", _everything)

    return switch


def without_offered_reasons(patch: pytest.MonkeyPatch) -> None:
    """The reasons are not offered as data."""
    machine = MACHINES[StateMachineKind.SERIES_ENROLMENT]
    bare = replace(machine, rules=[replace(rule, reasons=[]) for rule in machine.rules])
    patch.setitem(MACHINES, StateMachineKind.SERIES_ENROLMENT, bare)


def closes_notices(patch: pytest.MonkeyPatch) -> None:
    """An inactive learner carries no notice."""
    source = CATALOGUE.sources["Learner"]
    notices: Any = source.fields["notices"]
    patch.setitem(source.fields, "notices", replace(notices, of=lambda *_: ()))  # type: ignore[arg-type]  a dict inside


def deletes_attributes(patch: pytest.MonkeyPatch) -> None:
    """A deactivation takes the learner's attributes away."""
    deactivate = learner_queries.deactivate

    async def thorough(connection: AsyncConnection, *given: Any, **options: Any) -> Any:
        await connection.execute(learner_attributes.delete())
        return await deactivate(connection, *given, **options)

    patch.setattr(learner_queries, "deactivate", thorough)


def keeps_private_texts_open(patch: pytest.MonkeyPatch) -> None:
    """Everybody reads private requirements."""
    source = CATALOGUE.sources["Learner"]
    private: Any = source.fields["specialRequirements"]
    patch.setitem(
        source.fields,  # type: ignore[arg-type]  a dict inside
        "specialRequirements",
        replace(private, needs=(*private.needs[:2], learners.c.special_requirements)),
    )


def lets_everybody_in(patch: pytest.MonkeyPatch) -> None:
    """The door does not ask for app access."""
    principal = organisation_queries.Principal

    def generous(**given: Any) -> Any:
        return principal(**{**given, "has_app_access": True})

    patch.setattr(organisation_queries, "Principal", generous)


def lets_no_link_lead_anywhere(patch: pytest.MonkeyPatch) -> None:
    """No link to a file holds."""
    patch.setattr(DownloadLinks, "read", lambda *_, **__: None)


def bills_for_ever(patch: pytest.MonkeyPatch) -> None:
    """Whoever was ever active is counted."""
    patch.setattr(ActiveIn, "where", _everything)


def months_without_end(patch: pytest.MonkeyPatch) -> None:
    """Every month is taken for one long gone, so no bill ever changes."""

    def bounds(_month: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        return datetime(1999, 1, 1, tzinfo=zone), datetime(1999, 2, 1, tzinfo=zone)

    for module in ("portal_api.domain.calendar", "portal_api.domain.metering"):
        patch.setattr(f"{module}.month_bounds", bounds, raising=False)


def forgets_test_outs(patch: pytest.MonkeyPatch) -> None:
    """A test-out can be taken as often as one likes."""
    patch.setattr(Step, "against", lambda *_: None)


def lets_every_role_try(patch: pytest.MonkeyPatch) -> None:
    """No guard asks for a role."""
    patch.setattr(Guard, "check", lambda *_: None)


def completes_whatever_is_missing(patch: pytest.MonkeyPatch) -> None:
    """A completion asks for nothing."""
    patch.setattr(finalising, "against_completion", lambda *_: ())


def counts_no_programs(patch: pytest.MonkeyPatch) -> None:
    """The units of an enrolment name as many programs as one likes."""
    patch.setattr(unit_enrolments, "against_programs", lambda *_: None)


def needs_nothing(patch: pytest.MonkeyPatch) -> None:
    """No stage needs anything."""
    patch.setattr(needs, "NEEDS", dict.fromkeys(LifecycleStage, ()))


_W, _L = "test_withdrawal", "test_inactive_learners"
_C, _D = "test_certification_learners", "test_certification_actions"
_E, _F, _S = "test_inactive_enrolments", "test_finalising_learners", "test_learner_lifecycle"
_A, _O = LearnerCertificationAction, CourseEnrolmentAction
_withdraw, _deactivate = SeriesEnrolmentAction.WITHDRAW, LearnerAction.DEACTIVATE

SWITCHES: Mapping[tuple[str, str], Switch] = {
    (_W, "an_enrolment_is_cancelled_for_each_reason_of_the_list"): closes(_withdraw),
    (_W, "who_leaves_is_withdrawn_from_everything_at_once"): closes(_deactivate),
    (_W, "after_a_withdrawal_the_learner_can_begin_anew"): closes(SeriesAction.ENROL),
    (_W, "a_withdrawn_learner_still_reaches_the_resources_of_the_series"): unseen("Resource"),
    (_W, "a_series_is_found_in_the_library_and_opened"): without_filters(Search),
    (_W, "an_enrolment_is_found_by_filter_and_by_search"): without_filters(Search, TimedStatus),
    (_W, "an_enrolment_opens_with_its_details_and_actions"): closes(_withdraw),
    (_W, "a_reason_of_the_list_must_be_given"): without_offered_reasons,
    (_W, "a_withdrawn_enrolment_says_so_and_is_over_for_the_learner"): opens(SeriesEnrolmentAction.RECORD_ACTIVITY),
    (_W, "a_selection_is_withdrawn_at_once_with_one_reason"): closes(_withdraw),
    (_W, "withdrawal_is_open_exactly_while_the_enrolment_is_active"): opens(_withdraw),
    (_W, "insights_and_exports_can_leave_the_withdrawn_out"): without_filters(TimedStatus),
    (_W, "an_enrolment_of_a_pathway_is_withdrawn_with_the_pathway_only"): opens(_withdraw),
    (_L, "a_new_learner_is_active_and_is_shown_as_such"): without_field("Learner", "status"),
    (_L, "an_inactive_learner_takes_part_in_nothing"): opens(SeriesAction.ENROL, LearnerAction.RECORD_SIGN_IN),
    (_L, "all_active_learners_are_counted_and_listed"): without_filters(Comparison),
    (_L, "a_learner_can_be_set_inactive_at_any_time"): closes(_deactivate),
    (_L, "setting_a_learner_inactive_deletes_nothing"): deletes_attributes,
    (_L, "an_inactive_learner_is_not_billed_from_the_next_month_on"): bills_for_ever,
    (_L, "an_inactive_learner_can_be_reactivated"): closes(LearnerAction.REACTIVATE),
    (_L, "whoever_was_quiet_this_month_is_found_before_it_ends"): without_filters(QuietSince),
    (_L, "a_preview_says_what_the_bills_lose_and_gain"): months_without_end,
    (_L, "every_reason_of_the_list_can_be_given"): without_field("Learner", "deactivationReason"),
    (_L, "one_call_sets_one_learner_inactive"): closes(_deactivate),
    (_L, "the_record_says_that_it_is_inactive_since_when_and_how_to_go_back"): closes_notices,
    (_L, "nothing_of_an_inactive_learner_can_be_edited"): opens(),
    (_L, "everything_of_an_inactive_learner_can_be_read"): unseen("SeriesEnrolment"),
    (_L, "a_finished_export_can_still_be_downloaded"): lets_no_link_lead_anywhere,
    (_L, "inactive_learners_stay_in_reports_and_exports"): unseen("Learner"),
    (_L, "after_reactivation_a_learner_can_be_edited_again"): opens(),
    (_L, "a_thousand_learners_are_set_inactive_at_once"): closes(_deactivate),
    (_L, "a_private_special_requirement_goes_with_the_deactivation"): keeps_private_texts_open,
    (_L, "deactivation_withdraws_all_and_takes_the_access"): lets_everybody_in,
    (_E, "learners_with_inactive_enrolments_are_set_inactive_in_bulk"): closes(_deactivate),
    (_E, "a_learncycle_sets_a_learner_inactive_when_the_reason_changes"): closes(_deactivate),
    (_F, "only_an_owner_or_admin_finalises"): lets_every_role_try,
    (_F, "status_and_reason_come_first_and_trigger_tasks"): closes(_O.SET_STATUS),
    (_F, "a_completion_wants_outcomes_and_true_dates"): completes_whatever_is_missing,
    (_F, "who_leaves_reports_training_not_completed"): without_field("CourseEnrolment", "trainingOrganisationOutcome"),
    (_F, "who_defers_reports_a_deferral"): without_field("CourseEnrolment", "trainingOrganisationOutcome"),
    (_F, "what_was_not_reported_moves_on_under_a_new_commitment"): closes(_O.TRANSITION),
    (_F, "what_was_reported_keeps_both_programs_up_to_three"): counts_no_programs,
    (_F, "a_survey_is_asked_for_on_completion"): closes(_O.REQUEST_SURVEY),
    (_F, "a_credential_is_generated_and_then_the_status_is_final"): closes(CredentialAction.ISSUE),
    (_F, "access_is_taken_and_the_learner_set_inactive_with_the_end"): closes(LearnerAction.SET_APP_ACCESS),
    (_S, "the_lifecycle_has_four_stages"): without_filters(Stages),
    (_S, "in_sales_an_application_awaits_its_decision"): needs_nothing,
    (_S, "progression_lasts_until_the_final_unit"): closes(_O.SET_STATUS),
    (_S, "tasks_are_scheduled_in_their_stage"): closes(TaskAction.COMPLETE),
    (_S, "completion_includes_credential_survey_and_loose_ends"): needs_nothing,
    (_S, "who_is_done_can_be_reconnected_for_a_renewal_or_another_qualification"): opens(_O.FLAG_FOR_RECONNECT),
    (_C, "the_learners_of_a_certification_are_listed_with_date_and_status"): without_filters(Comparison),
    (_C, "an_assigned_learner_has_not_enrolled_yet"): closes(CertificationAction.ASSIGN),
    (_C, "who_enrols_has_not_started"): closes(CertificationAction.ENROL),
    (_C, "who_starts_works_on_the_steps"): closes(_A.START),
    (_C, "evidence_awaits_the_sign_off_of_an_administrator_or_manager"): closes(ApprovalAction.APPROVE),
    (_C, "who_has_completed_everything_holds_a_valid_certificate"): closes(_A.RECORD_EXAM_RESULT),
    (_C, "past_its_expiry_a_certificate_is_in_grace"): without_field("LearnerCertification", "status"),
    (_C, "past_the_grace_period_the_learner_must_recertify"): closes(_A.START_RECERTIFICATION),
    (_C, "who_recertifies_works_on_a_cycle_of_its_own"): closes(_A.START_RECERTIFICATION),
    (_C, "who_was_revoked_can_recertify_with_the_latest_version"): closes(_A.REVOKE_ACCESS),
    (_C, "who_is_disallowed_is_barred_until_access_is_restored"): opens(
        _A.START_RECERTIFICATION, CertificationAction.ASSIGN
    ),
    (_C, "the_detail_shows_where_an_assignment_comes_from_and_takes_it_away"): unseen("AssignmentSource"),
    (_C, "the_exam_history_shows_all_attempts"): unseen("ExamAttempt"),
    (_C, "the_history_shows_what_was_done"): unseen("HistoryEntry"),
    (_D, "which_actions_are_open_depends_on_the_status_and_is_told"): opens(_A.RESTORE_ACCESS),
    (_D, "a_waived_fee_lets_the_learner_begin_at_once_and_is_shown_to_them"): without_field(
        "LearnerCertification", "isPaymentWaived"
    ),
    (_D, "a_fee_can_be_waived_in_three_statuses"): closes(_A.OVERRIDE_PAYMENT),
    (_D, "overridden_training_is_complete_without_the_content"): closes(_A.OVERRIDE_TRAINING),
    (_D, "an_overridden_exam_is_passed_without_having_been_taken"): closes(_A.OVERRIDE_EXAM),
    (_D, "training_and_exam_can_be_overridden_while_they_are_worked_on"): closes(_A.OVERRIDE_EXAM),
    (_D, "revoked_access_ends_the_enrolment_and_bars_nobody"): closes(_A.REVOKE_ACCESS),
    (_D, "access_can_be_revoked_in_six_statuses"): opens(_A.REVOKE_ACCESS),
    (_D, "a_forced_recertification_follows_the_latest_version_whatever_the_expiry"): closes(_A.FORCE_RECERTIFICATION),
    (_D, "recertification_can_be_forced_in_three_statuses"): closes(_A.FORCE_RECERTIFICATION),
    (_D, "only_a_certified_learner_can_be_barred"): opens(_A.PERMANENTLY_REVOKE),
    (_D, "after_restoration_the_learner_begins_a_new_recertification_cycle"): closes(_A.RESTORE_ACCESS),
    (_D, "a_removal_takes_the_assignment_away"): closes(_A.REMOVE_ASSIGNMENT),
    (_D, "a_test_out_is_taken_once_and_stays"): forgets_test_outs,
    (_D, "only_a_fee_that_is_required_and_not_paid_can_be_waived"): opens(_A.OVERRIDE_PAYMENT),
    (_D, "only_an_assignment_by_hand_can_be_removed"): opens(_A.REMOVE_ASSIGNMENT),
    (_D, "once_the_exam_is_started_or_paid_for_the_fee_stays"): opens(_A.OVERRIDE_PAYMENT),
    (_D, "a_recertification_fee_that_is_not_paid_can_be_waived"): opens(_A.OVERRIDE_PAYMENT),
}

"""Every sentence of the articles, by article and number, with the test that shows it or the reason why there is none.

Sentences, list items and headings that ask something are counted in the order in which an article prints them, from its
first line; `S3.12` is the twelfth of the third article. What they say is in the articles; here is only where it is shown.
"""

from dataclasses import dataclass

COUNTS = {"S1": 60, "S3": 30, "S5": 54}
"""How many sentences each article has that is shown as a whole."""


@dataclass(frozen=True)
class Shown:
    """The tests that show a sentence: `module.function`."""

    tests: tuple[str, ...]


@dataclass(frozen=True)
class Unsaid:
    """Why a sentence states nothing that a system could do, or nothing yet."""

    why: str


def _shown(*tests: str) -> Shown:
    return Shown(tests)


PAGE = Unsaid("furniture of the page that prints the article")
TITLE = Unsaid("a title: what it promises is shown by the sentences under it")
STEP = Unsaid("says where to click in another product's screens")
ADVICE = Unsaid("advice to people")
SUPPORT = Unsaid("sends to the vendor's support or sales")
COURSES = Unsaid("speaks of course enrolments, which the portal does not keep yet")

SENTENCES: dict[str, Shown | Unsaid] = {
    "S1.1": TITLE,
    "S1.2": _shown("test_inactive_learners.a_new_learner_is_active_and_is_shown_as_such"),
    "S1.3": _shown("test_inactive_learners.an_inactive_learner_takes_part_in_nothing"),
    "S1.4": _shown("test_inactive_learners.a_new_learner_is_active_and_is_shown_as_such"),
    "S1.5": _shown("test_inactive_learners.all_active_learners_are_counted_and_listed"),
    "S1.6": _shown("test_inactive_learners.a_learner_can_be_set_inactive_at_any_time"),
    "S1.7": _shown("test_inactive_learners.a_learner_can_be_set_inactive_at_any_time"),
    "S1.8": TITLE,
    "S1.9": _shown("test_inactive_learners.setting_a_learner_inactive_deletes_nothing"),
    "S1.10": TITLE,
    "S1.11": _shown("test_inactive_learners.an_inactive_learner_is_not_billed_from_the_next_month_on"),
    "S1.12": _shown("test_inactive_learners.an_inactive_learner_can_be_reactivated"),
    "S1.13": _shown("test_inactive_learners.whoever_was_quiet_this_month_is_found_before_it_ends"),
    "S1.14": _shown("test_inactive_learners.whoever_was_quiet_this_month_is_found_before_it_ends"),
    "S1.15": TITLE,
    "S1.16": _shown("test_inactive_learners.a_preview_says_what_the_bills_lose_and_gain"),
    "S1.17": _shown("test_inactive_learners.every_reason_of_the_list_can_be_given[LEFT_ORGANISATION]"),
    "S1.18": _shown("test_inactive_learners.every_reason_of_the_list_can_be_given[DEPORTED]"),
    "S1.19": _shown("test_inactive_learners.every_reason_of_the_list_can_be_given[DISMISSED]"),
    "S1.20": _shown("test_inactive_learners.every_reason_of_the_list_can_be_given[DECEASED]"),
    "S1.21": TITLE,
    "S1.22": STEP,
    "S1.23": _shown("test_inactive_learners.one_call_sets_one_learner_inactive"),
    "S1.24": PAGE,
    "S1.25": COURSES,
    "S1.26": STEP,
    "S1.27": STEP,
    "S1.28": COURSES,
    "S1.29": TITLE,
    "S1.30": COURSES,
    "S1.31": STEP,
    "S1.32": STEP,
    "S1.33": STEP,
    "S1.34": TITLE,
    "S1.35": COURSES,
    "S1.36": COURSES,
    "S1.37": COURSES,
    "S1.38": STEP,
    "S1.39": COURSES,
    "S1.40": COURSES,
    "S1.41": COURSES,
    "S1.42": PAGE,
    "S1.43": PAGE,
    "S1.44": PAGE,
    "S1.45": _shown("test_inactive_learners.the_record_says_that_it_is_inactive_since_when_and_how_to_go_back"),
    "S1.46": _shown("test_inactive_learners.nothing_of_an_inactive_learner_can_be_edited"),
    "S1.47": _shown("test_inactive_learners.everything_of_an_inactive_learner_can_be_read"),
    "S1.48": _shown("test_inactive_learners.a_finished_export_can_still_be_downloaded"),
    "S1.49": _shown("test_inactive_learners.inactive_learners_stay_in_reports_and_exports"),
    "S1.50": _shown("test_inactive_learners.after_reactivation_a_learner_can_be_edited_again"),
    "S1.51": PAGE,
    "S1.52": PAGE,
    "S1.53": PAGE,
    "S1.54": _shown("test_inactive_learners.a_thousand_learners_are_set_inactive_at_once"),
    "S1.55": SUPPORT,
    "S1.56": _shown("test_inactive_learners.a_private_special_requirement_goes_with_the_deactivation"),
    "S1.57": _shown("test_inactive_learners.deactivation_withdraws_all_and_takes_the_access"),
    "S1.58": SUPPORT,
    "S1.59": PAGE,
    "S1.60": PAGE,
    "S3.1": PAGE,
    "S3.2": PAGE,
    "S3.3": PAGE,
    "S3.4": TITLE,
    "S3.5": TITLE,
    "S3.6": _shown("test_withdrawal.an_enrolment_is_cancelled_for_each_reason_of_the_list[NO_LONGER_REQUIRED]"),
    "S3.7": _shown("test_withdrawal.an_enrolment_is_cancelled_for_each_reason_of_the_list[NO_LONGER_REQUIRED]"),
    "S3.8": _shown(
        "test_withdrawal.an_enrolment_is_cancelled_for_each_reason_of_the_list[USER_DEACTIVATED]",
        "test_withdrawal.who_leaves_is_withdrawn_from_everything_at_once",
    ),
    "S3.9": _shown(
        "test_withdrawal.an_enrolment_is_cancelled_for_each_reason_of_the_list[DOES_NOT_WANT_TO_COMPLETE]",
        "test_withdrawal.after_a_withdrawal_the_learner_can_begin_anew",
    ),
    "S3.10": _shown("test_withdrawal.an_enrolment_is_cancelled_for_each_reason_of_the_list[ENROLMENT_ERROR]"),
    "S3.11": _shown("test_withdrawal.a_withdrawn_learner_still_reaches_the_resources_of_the_series"),
    "S3.12": TITLE,
    "S3.13": _shown("test_withdrawal.a_series_is_found_in_the_library_and_opened"),
    "S3.14": _shown("test_withdrawal.an_enrolment_is_found_by_filter_and_by_search"),
    "S3.15": _shown("test_withdrawal.an_enrolment_opens_with_its_details_and_actions"),
    "S3.16": _shown("test_withdrawal.an_enrolment_opens_with_its_details_and_actions"),
    "S3.17": _shown("test_withdrawal.a_reason_of_the_list_must_be_given"),
    "S3.18": _shown("test_withdrawal.a_withdrawn_enrolment_says_so_and_is_over_for_the_learner"),
    "S3.19": TITLE,
    "S3.20": _shown("test_withdrawal.a_series_is_found_in_the_library_and_opened"),
    "S3.21": _shown("test_withdrawal.an_enrolment_is_found_by_filter_and_by_search"),
    "S3.22": _shown("test_withdrawal.a_selection_is_withdrawn_at_once_with_one_reason"),
    "S3.23": _shown("test_withdrawal.a_selection_is_withdrawn_at_once_with_one_reason"),
    "S3.24": _shown("test_withdrawal.a_reason_of_the_list_must_be_given"),
    "S3.25": _shown("test_withdrawal.a_selection_is_withdrawn_at_once_with_one_reason"),
    "S3.26": _shown("test_withdrawal.a_selection_is_withdrawn_at_once_with_one_reason"),
    "S3.27": _shown("test_withdrawal.withdrawal_is_open_exactly_while_the_enrolment_is_active"),
    "S3.28": _shown("test_withdrawal.insights_and_exports_can_leave_the_withdrawn_out"),
    "S3.29": _shown("test_withdrawal.an_enrolment_of_a_pathway_is_withdrawn_with_the_pathway_only"),
    "S3.30": SUPPORT,
    "S5.1": PAGE,
    "S5.2": PAGE,
    "S5.3": TITLE,
    "S5.4": TITLE,
    "S5.5": _shown("test_certification_actions.which_actions_are_open_depends_on_the_status_and_is_told"),
    "S5.6": _shown("test_certification_learners.the_learners_of_a_certification_are_listed_with_date_and_status"),
    "S5.7": _shown("test_certification_learners.an_assigned_learner_has_not_enrolled_yet"),
    "S5.8": _shown("test_certification_learners.who_enrols_has_not_started"),
    "S5.9": _shown("test_certification_learners.who_starts_works_on_the_steps"),
    "S5.10": _shown("test_certification_learners.evidence_awaits_the_sign_off_of_an_administrator_or_manager"),
    "S5.11": _shown("test_certification_learners.who_has_completed_everything_holds_a_valid_certificate"),
    "S5.12": _shown("test_certification_learners.past_its_expiry_a_certificate_is_in_grace"),
    "S5.13": _shown("test_certification_learners.past_the_grace_period_the_learner_must_recertify"),
    "S5.14": _shown("test_certification_learners.who_recertifies_works_on_a_cycle_of_its_own"),
    "S5.15": _shown("test_certification_learners.who_was_revoked_can_recertify_with_the_latest_version"),
    "S5.16": _shown("test_certification_learners.who_is_disallowed_is_barred_until_access_is_restored"),
    "S5.17": TITLE,
    "S5.18": _shown("test_certification_learners.the_detail_shows_where_an_assignment_comes_from_and_takes_it_away"),
    "S5.19": TITLE,
    "S5.20": _shown("test_certification_learners.the_detail_shows_where_an_assignment_comes_from_and_takes_it_away"),
    "S5.21": _shown("test_certification_learners.the_exam_history_shows_all_attempts"),
    "S5.22": _shown("test_certification_learners.the_history_shows_what_was_done"),
    "S5.23": TITLE,
    "S5.24": _shown("test_certification_actions.which_actions_are_open_depends_on_the_status_and_is_told"),
    "S5.25": _shown("test_certification_actions.which_actions_are_open_depends_on_the_status_and_is_told"),
    "S5.26": _shown("test_certification_actions.which_actions_are_open_depends_on_the_status_and_is_told"),
    "S5.27": _shown("test_certification_actions.a_waived_fee_lets_the_learner_begin_at_once_and_is_shown_to_them"),
    "S5.28": _shown("test_certification_actions.a_waived_fee_lets_the_learner_begin_at_once_and_is_shown_to_them"),
    "S5.29": _shown("test_certification_actions.a_waived_fee_lets_the_learner_begin_at_once_and_is_shown_to_them"),
    "S5.30": _shown("test_certification_actions.a_fee_can_be_waived_in_three_statuses"),
    "S5.31": _shown("test_certification_actions.a_fee_can_be_waived_in_three_statuses"),
    "S5.32": _shown("test_certification_actions.overridden_training_is_complete_without_the_content"),
    "S5.33": _shown("test_certification_actions.training_and_exam_can_be_overridden_while_they_are_worked_on"),
    "S5.34": _shown("test_certification_actions.an_overridden_exam_is_passed_without_having_been_taken"),
    "S5.35": _shown("test_certification_actions.training_and_exam_can_be_overridden_while_they_are_worked_on"),
    "S5.36": _shown("test_certification_actions.revoked_access_ends_the_enrolment_and_bars_nobody"),
    "S5.37": _shown("test_certification_actions.access_can_be_revoked_in_six_statuses"),
    "S5.38": _shown("test_certification_actions.revoked_access_ends_the_enrolment_and_bars_nobody"),
    "S5.39": _shown(
        "test_certification_actions.a_forced_recertification_follows_the_latest_version_whatever_the_expiry"
    ),
    "S5.40": _shown("test_certification_actions.recertification_can_be_forced_in_three_statuses"),
    "S5.41": _shown(
        "test_certification_actions.a_forced_recertification_follows_the_latest_version_whatever_the_expiry"
    ),
    "S5.42": _shown("test_certification_learners.who_is_disallowed_is_barred_until_access_is_restored"),
    "S5.43": _shown("test_certification_actions.only_a_certified_learner_can_be_barred"),
    "S5.44": _shown("test_certification_learners.who_is_disallowed_is_barred_until_access_is_restored"),
    "S5.45": _shown("test_certification_actions.after_restoration_the_learner_begins_a_new_recertification_cycle"),
    "S5.46": _shown("test_certification_actions.after_restoration_the_learner_begins_a_new_recertification_cycle"),
    "S5.47": _shown("test_certification_actions.a_removal_takes_the_assignment_away"),
    "S5.48": TITLE,
    "S5.49": _shown("test_certification_actions.a_test_out_is_taken_once_and_stays"),
    "S5.50": _shown("test_certification_actions.a_test_out_is_taken_once_and_stays"),
    "S5.51": _shown("test_certification_actions.only_a_fee_that_is_required_and_not_paid_can_be_waived"),
    "S5.52": _shown("test_certification_actions.only_an_assignment_by_hand_can_be_removed"),
    "S5.53": _shown("test_certification_actions.once_the_exam_is_started_or_paid_for_the_fee_stays"),
    "S5.54": _shown("test_certification_actions.a_recertification_fee_that_is_not_paid_can_be_waived"),
}

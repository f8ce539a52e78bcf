"""Every sentence of the articles, by article and number, with the test that shows it or the reason why there is none.

Sentences, list items and headings that ask something are counted in the order in which an article prints them, from its
first line; `S3.12` is the twelfth of the third article. What they say is in the articles; here is only where it is shown.
"""

from dataclasses import dataclass

COUNTS = {"S1": 60, "S3": 30}
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
}

"""Which meddling makes which mutants: a function, the kind of law it breaks, and the fakes that it is put before."""

from __future__ import annotations

from dataclasses import dataclass

from mutants import spoiled_requests as requests
from mutants import spoils, subtle_answers, subtle_requests
from mutants.meddling import Spoil

GATEWAY = "gateway"
"""In place of a vendor: the sample gateway, which speaks UniAll's API."""


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of meddling."""

    spoil: Spoil
    kind: str
    vendors: tuple[str, ...]


ROWS = [
    Row(spoils.open_polls, "auth", ("myrouter", "powertokens")),
    Row(spoils.any_scheme, "auth", ("powertokens", GATEWAY)),
    Row(spoils.case_sensitive_scheme, "auth", ("myrouter", GATEWAY)),
    Row(spoils.any_key, "auth", ("powertokens", "myrouter")),
    Row(spoils.others_tasks, "account", ("powertokens", "myrouter", GATEWAY)),
    Row(spoils.others_tasks_when_done, "account", ("myrouter", GATEWAY)),
    Row(spoils.one_task_for_two, "concurrency", ("powertokens", "myrouter", "uniall")),
    Row(spoils.one_task_for_the_same, "concurrency", ("powertokens", "mulerouter")),
    Row(spoils.stuck, "lifecycle", ("powertokens", GATEWAY)),
    Row(spoils.goes_back, "lifecycle", ("powertokens", "myrouter", GATEWAY)),
    Row(spoils.runs_again, "lifecycle", ("powertokens", "myrouter", "mulerouter")),
    Row(spoils.unknown_word, "lifecycle", ("myrouter", GATEWAY)),
    Row(spoils.late, "lifecycle", ("powertokens", "mulerouter")),
    Row(spoils.vanishes, "lifecycle", ("myrouter", "uniall")),
    Row(spoils.video_of_another, "result", ("powertokens", "myrouter", GATEWAY)),
    Row(spoils.signed_videos, "result", ("powertokens", "myrouter")),
    Row(spoils.empty_video, "result", ("myrouter", "uniall")),
    Row(spoils.created_drifts, "timestamps", ("powertokens", GATEWAY)),
    Row(spoils.updated_goes_back, "timestamps", ("powertokens", "mulerouter")),
    Row(spoils.progress_wavers, "progress", ("myrouter", "uniall")),
    Row(spoils.progress_full, "progress", ("myrouter", GATEWAY)),
    Row(spoils.numbers_as_text, "shape", ("powertokens", "uniall")),
    Row(spoils.plain_text, "shape", ("myrouter", GATEWAY)),
    Row(spoils.now_and_then_500, "status", ("powertokens", "myrouter")),
    Row(spoils.error_pages, "envelope", ("myrouter", "mulerouter")),
    Row(spoils.submit_says_nothing, "status", ("myrouter", "uniall")),
    Row(spoils.blames_another, "attribution", ("powertokens", "myrouter")),
    Row(requests.nulls_are_absent, "constraint", ("powertokens", "myrouter", GATEWAY)),
    Row(requests.texts_become_numbers, "constraint", ("myrouter", GATEWAY)),
    Row(requests.capitals_are_small, "constraint", ("powertokens", "mulerouter")),
    Row(requests.bytes_are_counted, "constraint", ("powertokens", "myrouter")),
    Row(requests.length_is_cut, "constraint", ("powertokens", "myrouter")),
    Row(requests.unknown_members_refused, "constraint", ("mulerouter",)),
    Row(requests.seconds_unchecked_when_model_cuts, "constraint", ("mulerouter",)),
    Row(requests.ratio_unchecked_with_mode_pro, "constraint", ("powertokens", "mulerouter")),
    Row(requests.prompt_and_shots, "cross-field", ("myrouter",)),
    Row(requests.last_shot_unseen, "constraint", ("myrouter",)),
    Row(requests.trailing_text, "robustness", ("powertokens", GATEWAY)),
    Row(requests.bad_utf8, "robustness", ("myrouter", GATEWAY)),
    Row(requests.not_a_number, "robustness", ("powertokens", "uniall")),
    Row(requests.array_of_one, "robustness", ("myrouter", "mulerouter")),
    Row(requests.any_content_type, "robustness", ("powertokens", GATEWAY)),
    Row(requests.malformed_500, "robustness", ("myrouter", "uniall")),
    Row(requests.scalar_500, "robustness", ("powertokens", "kling")),
    Row(requests.large_500, "robustness", ("powertokens", "uniall")),
    Row(requests.deep_500, "robustness", ("myrouter", "mulerouter")),
    Row(requests.nul_500, "robustness", ("powertokens", GATEWAY)),
    Row(requests.odd_id_500, "robustness", ("myrouter", "uniall")),
    Row(requests.untyped_500, "robustness", ("powertokens",)),
    Row(requests.put_submits, "method", ("powertokens", "uniall")),
    Row(requests.delete_forgets, "method", ("powertokens", "mulerouter")),
    Row(requests.patch_500, "method", ("myrouter", GATEWAY)),
    Row(requests.head_500, "method", ("powertokens", "uniall")),
    Row(requests.submits_twice, "lifecycle", ("kling",)),
    Row(requests.polls_submit, "lifecycle", ("kling",)),
    Row(subtle_requests.blanks_are_not_counted, "constraint", ("mulerouter", "kling")),
    Row(subtle_requests.letters_are_counted, "constraint", ("mulerouter", "myrouter")),
    Row(subtle_requests.units_are_counted, "constraint", ("powertokens", "mulerouter")),
    Row(subtle_requests.words_are_trimmed, "constraint", ("mulerouter", "kling", "uniall")),
    Row(subtle_requests.nought_is_absent, "constraint", ("mulerouter", "uniall", "kling")),
    Row(subtle_requests.nothing_is_absent, "constraint", ("mulerouter", "uniall", "kling")),
    Row(subtle_requests.yes_is_one, "constraint", ("myrouter", "uniall")),
    Row(subtle_requests.blank_is_spaces, "conditional", ("mulerouter", "uniall")),
    Row(subtle_requests.first_shot_is_like_all, "constraint", ("mulerouter", "kling")),
    Row(subtle_requests.own_ids_are_everybodys, "account", ("kling",)),
    Row(subtle_requests.no_own_id_is_one, "cross-field", ("kling",)),
    Row(subtle_requests.key_after_body, "auth", ("mulerouter", "uniall", "kling")),
    Row(subtle_requests.key_after_json, "auth", ("myrouter", "uniall")),
    Row(subtle_requests.key_after_task, "auth", ("mulerouter", "uniall")),
    Row(subtle_requests.charset_is_refused, "robustness", ("mulerouter", "uniall")),
    Row(subtle_requests.any_scheme_on_polls, "auth", ("myrouter", "kling")),
    Row(subtle_requests.long_jobs_are_lost, "lifecycle", ("uniall", "mulerouter")),
    Row(subtle_answers.result_comes_later, "result", ("mulerouter", "uniall", "kling")),
    Row(subtle_answers.result_moves_later, "result", ("mulerouter", "uniall")),
    Row(subtle_answers.failures_vanish, "failure", ("mulerouter", "uniall")),
    Row(subtle_answers.failures_begin_anew, "failure", ("mulerouter", "kling")),
    Row(subtle_answers.created_when_done, "timestamps", ("mulerouter", "kling")),
    Row(subtle_answers.full_before_the_end, "progress", ("uniall", "myrouter")),
    Row(subtle_answers.now_and_then_no_json, "shape", ("uniall",)),
    Row(subtle_answers.words_in_capitals, "shape", ("mulerouter", "kling")),
    Row(subtle_answers.ids_of_an_account, "ids", ("mulerouter", "uniall")),
    Row(subtle_answers.ids_are_numbers, "shape", ("kling",)),
    Row(subtle_answers.others_tasks_before_the_end, "account", ("mulerouter", "uniall")),
    Row(subtle_answers.details_of_a_framework, "envelope", ("mulerouter", "uniall")),
    Row(subtle_answers.keys_refused_in_text, "envelope", ("mulerouter", "uniall")),
    Row(subtle_answers.refusals_untyped, "envelope", ("mulerouter", "kling")),
    Row(subtle_answers.refusals_empty, "envelope", ("uniall", "kling")),
    Row(subtle_answers.refusals_in_a_list, "envelope", ("uniall",)),
]

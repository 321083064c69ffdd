"""Which meddling makes which mutants: a function, the kind of law it breaks, and the fakes that it is put before."""

from __future__ import annotations

from dataclasses import dataclass

from mutants import spoiled_requests as requests
from mutants import spoils
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
]

"""The judge of clients: what one run of a client shows, by rules that know neither who ran it nor how."""

from contracts.judge.clients.run import Ending, Job, Run, Served
from contracts.judge.clients.table import CLIENT_RULES, judge_client

__all__ = ["CLIENT_RULES", "Ending", "Job", "Run", "Served", "judge_client"]

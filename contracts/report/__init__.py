"""A verdict as people and programs want it: on the terminal, as JSON, JUnit XML and HTML, as annotations at GitHub."""

from contracts.report.files import ReportError, check_destinations
from contracts.report.github import annotations
from contracts.report.progress import Progress
from contracts.report.terminal import print_verdict
from contracts.report.writing import write_reports

__all__ = ["Progress", "ReportError", "annotations", "check_destinations", "print_verdict", "write_reports"]

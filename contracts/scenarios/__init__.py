"""Scenarios for clients: what a server may do that keeps its contract, drawn, written down, made simpler, replayed."""

from contracts.scenarios.demands import demand
from contracts.scenarios.repertoire import Repertoire
from contracts.scenarios.scenario import Dress, Scenario
from contracts.scenarios.written import as_text, read_scenario

__all__ = ["Dress", "Repertoire", "Scenario", "as_text", "demand", "read_scenario"]

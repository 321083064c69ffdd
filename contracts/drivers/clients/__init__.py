"""Drivers of clients: one is run for each scenario, against a server that plays it, and the judge gets the rest."""

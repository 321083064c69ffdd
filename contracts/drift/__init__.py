"""Whether a vendor is still what its pack says: pages, traffic and specifications, compared with the contract."""

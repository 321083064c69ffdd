"""The judge of services and clients, and the command that people type."""

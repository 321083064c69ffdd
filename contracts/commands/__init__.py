"""The commands of `understudy` that are not the fake's own, one module each: `add_arguments` and `run`."""

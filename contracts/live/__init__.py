"""The real service: what may be sent to it, what that costs, and who is to blame for what is found."""

"""Readers of pages: from a saved text, Markdown or HTML to what it states, by style and never by vendor."""

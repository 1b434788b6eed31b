"""The language: one typed tree, its reader and printer, and what can be known of a program before solving it."""

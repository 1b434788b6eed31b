"""How a causal language model writes programs: grammar masks and batches that share the prompt's cache."""

"""From candidates to an answer: what the model is told, which candidates agree, and how far to believe them."""

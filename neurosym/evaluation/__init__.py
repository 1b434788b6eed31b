"""How good a model is with us around it: problems with gold answers in, accuracy with its uncertainty out."""

"""NeuroSym: word problems in, checked answers out."""

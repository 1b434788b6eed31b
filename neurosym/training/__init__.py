"""How the embedded parser is made: problems, converters, fine-tuning. Nothing of it runs when problems are solved."""

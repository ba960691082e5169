"""How the shipped weights are made: teacher, sentence frames, distillation."""

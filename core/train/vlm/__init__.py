"""Training of the large engine: supervised (AceTone, VeraRetouch, RetouchIQ) and by rewards (GRPO, DAPO)."""

"""Training of the image critic and of the judge of edits."""

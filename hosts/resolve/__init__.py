"""The place of the Resolve adapter. This version has none: ``gradewright install resolve`` says so."""

"""The place of the DaVinci Resolve adapter. This version has none: ``gradewright install resolve`` says so."""

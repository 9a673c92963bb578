"""The place of the DaVinci Resolve adapter; this version has none, and ``gradewright install resolve`` says so."""

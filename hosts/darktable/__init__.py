"""The place of the darktable adapter. This version has none: ``gradewright install darktable`` says so."""

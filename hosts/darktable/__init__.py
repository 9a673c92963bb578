"""The place of the darktable adapter; this version has none, and ``gradewright install darktable`` says so."""

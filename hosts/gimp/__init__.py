"""The place of the GIMP 3 adapter. This version has none: ``gradewright install gimp`` says so."""

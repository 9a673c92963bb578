"""The place of the GIMP 3 adapter; this version has none, and ``gradewright install gimp`` says so."""

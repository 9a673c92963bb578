"""What runs inside DaVinci Resolve: standard library only, Python 3.6 and later, nothing of gradewright's
core.

The installer copies this folder, with ``client.py`` and ``gradewright.json``, to a place that Resolve does
not scan, and one launcher into its script folder. Colour, pictures and models live in the grading
service; these modules call Resolve and ask the service, and know no model and no colour formula.
"""

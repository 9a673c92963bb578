"""What can be asked of gradewright from outside Python: a request of plain values in, files out.

The command line and the service both go through here, so that their results are the same.
"""

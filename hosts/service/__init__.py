"""The grading service: one per user, started on demand, holding the models warm. See docs/service.md."""

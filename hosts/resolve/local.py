"""The service's jobs in this very process, for the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradewright.core.errors import BadInput

from ..client import ClientError
from ..tasks.step import Cancelled
from .tasks import KINDS


class InProcess:
    """Has the one method of :class:`gradewright.hosts.client.Client` that Resolve's side uses."""

    def job(
        self,
        kind: str,
        request: dict[str, Any],
        progress: Callable[[float, str], Any] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> dict[str, Any]:
        """Run a job. Raises ClientError."""

        def step(fraction: float, text: str) -> None:
            if progress is not None:
                progress(fraction, text)
            if cancelled is not None and cancelled():
                raise Cancelled

        try:
            return KINDS[kind](request, step)
        except Cancelled:
            raise ClientError("cancelled", "cancelled") from None
        except BadInput as error:
            raise ClientError(str(error), "input") from None
